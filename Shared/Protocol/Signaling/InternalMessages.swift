import Foundation

/// `POST /internal/occupancy` at signaling: people inside now, for several rooms at once (200 at most).
public struct OccupancyQuery: Codable, Sendable {
    public var rooms: [RoomID]

    public init(rooms: [RoomID]) {
        self.rooms = rooms
    }
}

public struct OccupancyView: Codable, Sendable {
    /// Room id → people. Every room that was asked for is there.
    public var occupancy: [String: Int]
    /// Room id → more of it, for rooms where a meeting runs.
    public var rooms: [String: RunningRoom]?

    public init(occupancy: [String: Int], rooms: [String: RunningRoom]? = nil) {
        self.occupancy = occupancy
        self.rooms = rooms
    }
}

/// What decides how somebody comes into a room where a meeting runs.
public struct RunningRoom: Codable, Hashable, Sendable {
    public var locked: Bool
    /// Whether a moderator is inside.
    public var moderated: Bool

    public init(locked: Bool, moderated: Bool) {
        self.locked = locked
        self.moderated = moderated
    }
}

/// `POST /internal/rooms/{roomId}/end` at signaling: ends the running meeting, with a message to all.
public struct EndMeetingRequest: Codable, Sendable {
    public var reason: MeetingEnd

    public init(reason: MeetingEnd) {
        self.reason = reason
    }
}

/// Why a meeting ended.
public enum MeetingEnd: String, Codable, Sendable {
    case roomDeleted = "room_deleted"
    case endedByModerator = "ended_by_moderator"
}

/// `PUT /internal/rooms/{roomId}/lock` at directory: a moderator has locked or unlocked the running meeting. Such reports come from
/// several nodes, in any order, twice or late; the greatest holds.
public struct LockReport: Codable, Hashable, Comparable, Sendable {
    public var locked: Bool
    /// `RoomPolicy.lockVersion` of the policy that held when the moderator decided: what was decided at directory since goes before.
    public var lockVersion: Int
    /// Rises with every decision in the room, whatever node it is made at, and also when Redis has lost its memory in between:
    /// milliseconds since 1970 by the clock of Redis, or one more than the last.
    public var number: Int

    public init(locked: Bool, lockVersion: Int, number: Int) {
        self.locked = locked
        self.lockVersion = lockVersion
        self.number = number
    }

    private enum CodingKeys: CodingKey {
        case locked, lockVersion, number
    }

    /// The release before told nothing of the order: its report is the latest.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            locked: try values.decode(Bool.self, forKey: .locked),
            lockVersion: try values.decodeIfPresent(Int.self, forKey: .lockVersion) ?? Int(Int32.max),
            number: try values.decodeIfPresent(Int.self, forKey: .number)
                ?? Int(Date.now.timeIntervalSince1970 * 1_000))
    }

    public static func < (one: LockReport, other: LockReport) -> Bool {
        (one.lockVersion, one.number) < (other.lockVersion, other.number)
    }
}
