import Foundation

/// The palette of room colours. Names, because colour alone tells some people nothing.
public enum RoomColor: String, Codable, CaseIterable, Sendable {
    case blue, teal, green, yellow, orange, red, pink, purple, gray
}

/// A room as those see it who manage it: its owner and deputies.
public struct RoomView: Codable, Hashable, Sendable {
    /// What the person who asks is to the room.
    public enum Access: String, Codable, Sendable {
        case owner
        /// May manage and moderate the room, but not delete it or choose deputies.
        case deputy
    }

    public var id: RoomID
    public var access: Access
    /// Whose room it is; for deputies.
    public var ownerName: String
    /// Each organizer has one room that can't be deleted.
    public var personal: Bool
    public var name: String
    public var alias: String
    public var description: String
    public var color: RoomColor
    /// In clear, for those who manage the room only.
    public var pin: String?
    public var options: RoomOptions
    /// Whoever comes has to knock, also where the lobby lets people in.
    public var locked: Bool
    public var deputies: [AccountID]
    public var createdAt: Date
    public var updatedAt: Date
    public var lastUsedAt: Date
    /// 90 days after the last use.
    public var expiresAt: Date
    public var age: RoomAge
    /// Days after which an expired room is removed for good, if nobody renews it. Absent while it is not expired.
    public var removedInDays: Int?
    /// People inside now; absent when signaling can't be asked.
    public var occupancy: Int?
    public var nextAppointment: Occurrence?
    /// Also the `ETag`; wanted in `If-Match` for every change.
    public var version: Int

    public init(
        id: RoomID, access: Access, ownerName: String, personal: Bool, name: String, alias: String, description: String,
        color: RoomColor, pin: String?, options: RoomOptions, locked: Bool, deputies: [AccountID], createdAt: Date,
        updatedAt: Date, lastUsedAt: Date, expiresAt: Date, age: RoomAge, removedInDays: Int?, occupancy: Int?,
        nextAppointment: Occurrence?, version: Int
    ) {
        self.id = id
        self.access = access
        self.ownerName = ownerName
        self.personal = personal
        self.name = name
        self.alias = alias
        self.description = description
        self.color = color
        self.pin = pin
        self.options = options
        self.locked = locked
        self.deputies = deputies
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
        self.age = age
        self.removedInDays = removedInDays
        self.occupancy = occupancy
        self.nextAppointment = nextAppointment
        self.version = version
    }
}

/// How far a room is from its end, by the database's clock.
public enum RoomAge: String, Codable, Sendable {
    case fine
    /// From day 76 on.
    case expiring
    /// From day 90 on: nobody comes in until somebody who manages the room renews it.
    case expired
}

/// `GET /api/directory/rooms`
public struct RoomList: Codable, Hashable, Sendable {
    public var items: [RoomView]
    public var nextCursor: String?

    public init(items: [RoomView], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// `POST /api/directory/rooms` and `PUT /api/directory/rooms/{roomId}`: the whole of what can be set of a room.
public struct RoomDraft: Codable, Hashable, Sendable {
    public var name: String
    /// An unguessable one is made when it is absent.
    public var alias: String?
    public var description: String?
    public var color: RoomColor?
    /// Absent or empty: no PIN.
    public var pin: String?
    /// Absent: the usual ones, or those that the room has.
    public var options: RoomOptions?

    public init(
        name: String, alias: String? = nil, description: String? = nil, color: RoomColor? = nil, pin: String? = nil,
        options: RoomOptions? = nil
    ) {
        self.name = name
        self.alias = alias
        self.description = description
        self.color = color
        self.pin = pin
        self.options = options
    }
}

/// `PUT /api/directory/rooms/{roomId}/lock`: acts in a running meeting at once.
public struct RoomLock: Codable, Hashable, Sendable {
    public var locked: Bool

    public init(locked: Bool) {
        self.locked = locked
    }
}

/// `PUT /api/directory/rooms/{roomId}/deputies`, by the owner.
public struct DeputyList: Codable, Hashable, Sendable {
    /// Colleagues of the owner's organization; `Limits.deputies` at most.
    public var deputies: [AccountID]

    public init(deputies: [AccountID]) {
        self.deputies = deputies
    }
}

/// `PUT /api/directory/rooms/order`: one's own order of one's rooms. Rooms that are not named come after them.
public struct RoomOrder: Codable, Hashable, Sendable {
    public var rooms: [RoomID]

    public init(rooms: [RoomID]) {
        self.rooms = rooms
    }
}

/// `GET /api/directory/aliases/{alias}?room=`: whether a new room may have it, or the one that is edited.
public struct AliasCheck: Codable, Hashable, Sendable {
    public var alias: String
    public var available: Bool
    /// Why not.
    public var reason: FieldProblem.Reason?

    public init(alias: String, available: Bool, reason: FieldProblem.Reason? = nil) {
        self.alias = alias
        self.available = available
        self.reason = reason
    }
}
