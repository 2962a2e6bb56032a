import Foundation
import ParleyProtocol

/// What others see of the people of an organization, at one position of its changes.
struct PeopleSnapshot: Hashable, Sendable {
    var epoch: String
    var seq: Int
    /// Who is not among them is offline.
    var views: [RawPresenceView]
}

/// A `PresenceView` as JSON, as everybody is sent it.
struct RawPresenceView: Hashable, Sendable {
    var account: AccountID
    var json: [UInt8]
}

/// A position in the changes of an organization.
struct PeoplePosition: Hashable, Sendable {
    /// Which log; another one begins when Redis has lost its memory.
    var epoch: String
    var seq: Int
}

/// One change of what others see.
struct PeopleChange: Hashable, Sendable {
    var seq: Int
    /// A `PresenceView` as JSON, as all are sent it.
    var view: [UInt8]
}

extension PeopleSnapshot {
    /// Views that can't be read, of a newer release, are left out.
    func decoded() -> PresenceSnapshot {
        PresenceSnapshot(epoch: epoch, seq: seq, items: views.compactMap { RawPresenceView.decoded($0.json) })
    }

    /// A `PresenceSnapshot`, put together from JSON that is not read again. The epoch is made here and has nothing in it that JSON
    /// escapes.
    var json: [UInt8] {
        var bytes = Array(#"{"epoch":"\#(epoch)","seq":\#(seq),"items":["#.utf8)
        bytes.append(contentsOf: views.map(\.json).joined(separator: [UInt8(ascii: ",")]))
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }
}

extension RawPresenceView {
    /// - Throws: `DecodingError`.
    func decoded() throws -> PresenceView { try WireJSON.decoder.decode(PresenceView.self, from: Data(json)) }

    /// Nothing for what can't be read, such as a state that only a newer release knows.
    static func decoded(_ json: [UInt8]) -> PresenceView? {
        try? WireJSON.decoder.decode(PresenceView.self, from: Data(json))
    }
}
