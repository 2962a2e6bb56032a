import Foundation

/// `GET /internal/accounts/{account}/appointments?organization=&after=` at directory: the appointments of an account's rooms, for the
/// person's export.
public struct AppointmentRecords: Codable, Hashable, Sendable {
    /// One page.
    public var appointments: [AppointmentRecord]
    /// What to ask for with `after` to get the next page; nothing on the last one.
    public var next: AppointmentID?

    public init(appointments: [AppointmentRecord], next: AppointmentID? = nil) {
        self.appointments = appointments
        self.next = next
    }
}

/// An appointment as data about the room's owner.
public struct AppointmentRecord: Codable, Hashable, Sendable {
    public var id: AppointmentID
    public var room: RoomID
    public var title: String
    /// Wall-clock times of the time zone, `yyyy-MM-dd'T'HH:mm`.
    public var start: String
    public var end: String
    public var timeZone: String
    /// How it comes again, as `Recurrence.Frequency` has it; nothing when it takes place once.
    public var frequency: String?
    public var invitees: [String]
    public var createdAt: Date

    public init(
        id: AppointmentID, room: RoomID, title: String, start: String, end: String, timeZone: String,
        frequency: String?, invitees: [String], createdAt: Date
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.frequency = frequency
        self.invitees = invitees
        self.createdAt = createdAt
    }
}
