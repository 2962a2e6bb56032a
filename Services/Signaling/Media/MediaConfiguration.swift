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
    let rawValue: String

    init(room: RoomID, meeting: MeetingID) {
        rawValue = "\(room.rawValue).\(meeting.rawValue)"
    }

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
