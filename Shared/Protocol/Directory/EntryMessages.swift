import Foundation

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
        public var options: RoomOptions

        public init(
            id: RoomID, name: String, alias: String, description: String, color: RoomColor, hasPIN: Bool,
            options: RoomOptions
        ) {
            self.id = id
            self.name = name
            self.alias = alias
            self.description = description
            self.color = color
            self.hasPIN = hasPIN
            self.options = options
        }
    }

    /// Its alias is the one that it has now, also where somebody who manages it came by a former one.
    public var room: Room
    public var role: Role
    public var admission: Admission
    /// People inside now; absent when signaling can't be asked.
    public var occupancy: Int?
    public var seats: Int
    public var nextAppointment: Occurrence?
    /// For signaling's `hello`. Absent when the request only checked.
    public var ticket: String?
    public var ticketExpiresAt: Date?

    public init(
        room: Room, role: Role, admission: Admission, occupancy: Int?, seats: Int = Limits.seats,
        nextAppointment: Occurrence? = nil, ticket: String? = nil, ticketExpiresAt: Date? = nil
    ) {
        self.room = room
        self.role = role
        self.admission = admission
        self.occupancy = occupancy
        self.seats = seats
        self.nextAppointment = nextAppointment
        self.ticket = ticket
        self.ticketExpiresAt = ticketExpiresAt
    }
}

/// How somebody with a ticket comes in. What it says holds for the moment: signaling decides when the person is there.
public enum Admission: String, Codable, Sendable {
    case direct
    /// The room's lobby is for this person: a moderator has to admit them.
    case lobby
    /// The room is locked: a moderator has to admit them.
    case locked
    /// The meeting begins when a moderator is there.
    case moderator
}
