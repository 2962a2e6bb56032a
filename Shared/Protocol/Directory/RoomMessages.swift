import Foundation

/// The palette of room colours. Names, because colour alone tells some people nothing.
public enum RoomColor: String, Codable, CaseIterable, Sendable {
    case blue, teal, green, yellow, orange, red, pink, purple, gray
}

/// A room as its owner sees it.
public struct RoomView: Codable, Hashable, Sendable {
    public var id: RoomID
    public var name: String
    public var alias: String
    public var description: String
    public var color: RoomColor
    /// In clear, for its owner only.
    public var pin: String?
    public var createdAt: Date
    public var updatedAt: Date
    public var lastUsedAt: Date
    /// 90 days after the last use.
    public var expiresAt: Date
    /// People inside now; absent when signaling can't be asked.
    public var occupancy: Int?
    /// Also the `ETag`; wanted in `If-Match` for every change.
    public var version: Int

    public init(
        id: RoomID, name: String, alias: String, description: String, color: RoomColor, pin: String?, createdAt: Date,
        updatedAt: Date, lastUsedAt: Date, expiresAt: Date, occupancy: Int?, version: Int
    ) {
        self.id = id
        self.name = name
        self.alias = alias
        self.description = description
        self.color = color
        self.pin = pin
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
        self.occupancy = occupancy
        self.version = version
    }
}

/// `GET /internal/accounts/{account}/rooms?organization=&after=` at directory: what it keeps of an account, for the person's
/// export.
public struct RoomRecords: Codable, Hashable, Sendable {
    /// One page.
    public var rooms: [RoomRecord]
    /// What to ask for with `after` to get the next page; nothing on the last one.
    public var next: RoomID?

    public init(rooms: [RoomRecord], next: RoomID? = nil) {
        self.rooms = rooms
        self.next = next
    }
}

/// A room as data about its owner. Whoever reads it need not be able to enter.
public struct RoomRecord: Codable, Hashable, Sendable {
    public var id: RoomID
    public var name: String
    public var alias: String
    public var description: String
    public var color: RoomColor
    public var hasPIN: Bool
    public var createdAt: Date
    public var updatedAt: Date
    public var lastUsedAt: Date

    public init(
        id: RoomID, name: String, alias: String, description: String, color: RoomColor, hasPIN: Bool, createdAt: Date,
        updatedAt: Date, lastUsedAt: Date
    ) {
        self.id = id
        self.name = name
        self.alias = alias
        self.description = description
        self.color = color
        self.hasPIN = hasPIN
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.lastUsedAt = lastUsedAt
    }
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

/// `POST /api/directory/rooms` and `PUT /api/directory/rooms/{roomId}`: the whole of what an owner can set.
public struct RoomDraft: Codable, Hashable, Sendable {
    public var name: String
    /// An unguessable one is made when it is absent.
    public var alias: String?
    public var description: String?
    public var color: RoomColor?
    /// Absent or empty: no PIN.
    public var pin: String?

    public init(
        name: String, alias: String? = nil, description: String? = nil, color: RoomColor? = nil, pin: String? = nil
    ) {
        self.name = name
        self.alias = alias
        self.description = description
        self.color = color
        self.pin = pin
    }
}

/// `GET /api/directory/aliases/{alias}`: whether a new room may have it.
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

/// `POST /api/directory/rooms/{alias}/entry`
public struct EntryRequest: Codable, Hashable, Sendable {
    public var displayName: String?
    public var pin: String?
    /// With `true` nothing is granted: the answer says whether one could come in, and shows the room to who could.
    /// A name is not needed then, a PIN is.
    public var check: Bool?

    public init(displayName: String? = nil, pin: String? = nil, check: Bool? = nil) {
        self.displayName = displayName
        self.pin = pin
        self.check = check
    }
}

/// Who may come in, and with what.
public struct EntryGrant: Codable, Hashable, Sendable {
    public struct Room: Codable, Hashable, Sendable {
        public var id: RoomID
        public var name: String
        public var alias: String
        public var description: String
        public var color: RoomColor
        public var hasPIN: Bool

        public init(id: RoomID, name: String, alias: String, description: String, color: RoomColor, hasPIN: Bool) {
            self.id = id
            self.name = name
            self.alias = alias
            self.description = description
            self.color = color
            self.hasPIN = hasPIN
        }
    }

    public var room: Room
    public var role: Role
    /// People inside now; absent when signaling can't be asked.
    public var occupancy: Int?
    public var seats: Int
    /// For signaling's `hello`. Absent when the request only checked.
    public var ticket: String?
    public var ticketExpiresAt: Date?

    public init(
        room: Room, role: Role, occupancy: Int?, seats: Int = Limits.seats, ticket: String? = nil,
        ticketExpiresAt: Date? = nil
    ) {
        self.room = room
        self.role = role
        self.occupancy = occupancy
        self.seats = seats
        self.ticket = ticket
        self.ticketExpiresAt = ticketExpiresAt
    }
}
