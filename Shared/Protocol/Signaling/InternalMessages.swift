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
