import Foundation
import NIOCore
import ParleyProtocol

/// A room event as the scripts publish it to the nodes: a line for them, then the JSON for the browsers.
///
/// `epoch SP seq SP kind SP participant SP fence SP node LF {"seq":…}`. The JSON goes on to browsers as it is.
struct RoomMessage: Sendable {
    enum Kind: String, Sendable {
        case joined, updated, left, chat, ended
    }

    let epoch: String
    let seq: Int
    let kind: Kind
    let participant: ParticipantID
    /// Of the participant's seat with this event; 0 when the event has none.
    let fence: Int
    /// The node that serves the participant, or `-`.
    let node: String
    let json: [UInt8]

    init?(_ buffer: ByteBuffer) {
        let bytes = buffer.readableBytesView
        guard let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let line = String(validating: bytes[..<lineEnd], as: UTF8.self)
        else { return nil }
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 6, let seq = Int(words[1]), let kind = Kind(rawValue: words[2]),
            let fence = Int(words[4])
        else { return nil }
        epoch = words[0]
        self.seq = seq
        self.kind = kind
        participant = ParticipantID(words[3])
        self.fence = fence
        node = words[5]
        json = [UInt8](bytes[bytes.index(after: lineEnd)...])
    }

    var position: EventOrder { EventOrder(epoch: epoch, seq: seq) }

    private struct Body: Decodable {
        var participant: Participant?
        var reason: String?
    }

    /// The participant of a `joined` or `updated` event.
    var content: Participant? { body?.participant }

    var leftReason: RoomEvent.ParticipantLeft.Reason? { body?.reason.flatMap { .init(rawValue: $0) } }

    var endReason: MeetingEnd? { body?.reason.flatMap { MeetingEnd(rawValue: $0) } }

    private var body: Body? { try? WireJSON.decoder.decode(Body.self, from: Data(json)) }
}
