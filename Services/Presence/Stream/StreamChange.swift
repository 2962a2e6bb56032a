import Foundation
import NIOCore
import ParleyProtocol

/// What the scripts publish on an organization's channel.
enum StreamNotice: Hashable, Sendable {
    /// `epoch SP seq SP view`
    case changed(StreamChange)
    /// `own SP account`: what this person set is another.
    case own(AccountID)

    init?(_ buffer: ByteBuffer) {
        let parts = buffer.readableBytesView.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard let first = parts.first.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
        if first == "own", parts.count == 2 {
            self = .own(AccountID(String(decoding: parts[1], as: UTF8.self)))
        } else if parts.count == 3, let seq = Int(String(decoding: parts[1], as: UTF8.self)),
            let change = StreamChange(PeoplePosition(epoch: first, seq: seq), view: Array(parts[2]))
        {
            self = .changed(change)
        } else {
            return nil
        }
    }
}

/// One change of what others see, at its position.
struct StreamChange: Hashable, Sendable {
    private struct Subject: Decodable {
        var account: AccountID
        /// Text, since a newer release may know more states.
        var state: String
        var text: String?
    }

    let position: PeoplePosition
    let account: AccountID
    /// Whether the person is offline, and nothing else is seen of them.
    let isHidden: Bool
    /// A `PresenceView` as JSON.
    let view: [UInt8]

    /// - Returns: nil for what is no view.
    init?(_ position: PeoplePosition, view: [UInt8]) {
        guard let subject = try? WireJSON.decoder.decode(Subject.self, from: Data(view)) else { return nil }
        self.position = position
        account = subject.account
        isHidden = subject.state == PresenceState.offline.rawValue && subject.text == nil
        self.view = view
    }
}

/// Messages that many sockets share, put together from JSON that is not read again.
enum StreamFrames {
    static func changed(_ change: StreamChange) -> [UInt8] {
        head("changed", change.position) + Array(#","view":"#.utf8) + change.view + [UInt8(ascii: "}")]
    }

    static func snapshot(_ position: PeoplePosition, views: some Sequence<[UInt8]>) -> [UInt8] {
        var bytes = head("snapshot", position) + Array(#","items":["#.utf8)
        bytes.append(contentsOf: views.joined(separator: [UInt8(ascii: ",")]))
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }

    /// The epoch is made here and has nothing in it that JSON escapes.
    private static func head(_ type: String, _ position: PeoplePosition) -> [UInt8] {
        Array(#"{"type":"\#(type)","epoch":"\#(position.epoch)","seq":\#(position.seq)"#.utf8)
    }
}
