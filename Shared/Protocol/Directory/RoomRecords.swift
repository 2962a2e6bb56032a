import Foundation

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
