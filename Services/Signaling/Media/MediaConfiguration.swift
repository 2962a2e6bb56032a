import Crypto
import Foundation
import ParleyProtocol

/// A media node: one Janus process.
struct MediaNodeAddress: Hashable, Sendable {
    /// The same at every signaling node, because rooms are pinned by it.
    var name: String
    /// `ws://` or `wss://`, on an inner network.
    var url: String
}

struct MediaConfiguration: Sendable {
    var nodes: [MediaNodeAddress]
    /// Janus' `api_secret`, sent with every request.
    var apiSecret: String
    /// VideoRoom's `admin_key`, needed to create rooms.
    var adminKey: String
    /// The secrets of the Janus rooms are derived from it, so that all signaling nodes know them.
    var roomSecretKey: [UInt8]
    var times = MediaTimes()
}

/// The times that the media half goes by. Shorter in tests.
struct MediaTimes: Sendable {
    /// Between two probes, which keep the sessions alive too: Janus forgets one after 130 s without a request.
    var round: Duration = .seconds(3)
    /// How long a probe may take; after two a node is left.
    var probe: Duration = .seconds(2)
    /// How long a participant waits for a node that is away. A media server that was restarted is back within a second.
    var patience: Duration = .seconds(4)
    /// When a node has been away for so long, its meetings get another one.
    var absence: Duration = .seconds(5)
    /// A seat may be in the making when a publisher is first seen without one.
    var strangers: Duration = .milliseconds(2_500)
    /// What a broken connection has left is destroyed after this time, in which a seat's new owner may have claimed it.
    var abandonment: Duration = .seconds(10)
    /// After media were taken over in the midst of a negotiation: how long the client may take to bring it to an end.
    var receiver: Duration = .seconds(2)
}

/// A person's place at a media node.
struct MediaSeat: Hashable, Sendable {
    let participant: ParticipantID
    let room: RoomID
    let meeting: MeetingID
    /// Name of the media node that the meeting is pinned to.
    let node: String
}

/// The room at Janus. It carries the meeting's id: a new meeting of a room never meets what an old one left behind.
struct MediaRoomName: Hashable, Sendable {
    let room: RoomID
    let meeting: MeetingID

    init(room: RoomID, meeting: MeetingID) {
        self.room = room
        self.meeting = meeting
    }

    /// Nothing for a room that is not Parley's.
    init?(_ rawValue: String) {
        let parts = rawValue.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        room = RoomID(String(parts[0]))
        meeting = MeetingID(String(parts[1]))
        guard room.isWellFormed else { return nil }
    }

    var rawValue: String { "\(room.rawValue).\(meeting.rawValue)" }

    /// The secret that Janus asks for moderation and for destroying the room.
    func secret(key: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(rawValue.utf8), using: SymmetricKey(data: key))
        return code.map { String(format: "%02x", $0) }.joined()
    }
}

/// What a participant's media tells the rest of signaling.
enum MediaEvent: Hashable, Sendable {
    /// Whether the participant's media arrives at the media node now.
    case publishing(Bool)
    /// To be answered by the client.
    case offer(ServerMessage.MediaOffer)
    case slots([SlotContent])
    /// Everything at the media node is gone. The client builds anew after the delay.
    case lost(delayMilliseconds: Int)
    /// What another signaling node would need to take the media over; nothing while there is nothing.
    case handles(MediaHandles?)

    /// A loss that hits all people of a meeting at once. Their delays are chosen so that about ten come again in a second.
    static func lost(people: Int) -> MediaEvent {
        .lost(delayMilliseconds: Int.random(in: 0...max(500, 100 * people)))
    }
}

struct MediaError: Error, Hashable {
    var code: ErrorCode
    var message: String

    static let unavailable = MediaError(
        code: .mediaUnavailable, message: "The media server does not answer. Try again in a moment.")

    static func refused(_ message: String) -> MediaError {
        MediaError(code: .mediaRefused, message: message)
    }
}
