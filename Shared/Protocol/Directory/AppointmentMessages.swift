import Foundation

/// One time at which people meet, of an appointment or of its series.
public struct Occurrence: Codable, Hashable, Sendable {
    public var start: Date
    public var end: Date
    /// An IANA name, such as `Europe/Berlin`: that of the appointment.
    public var timeZone: String

    public init(start: Date, end: Date, timeZone: String) {
        self.start = start
        self.end = end
        self.timeZone = timeZone
    }
}

/// How an appointment comes again. The days are those of the appointment's time zone.
public struct Recurrence: Codable, Hashable, Sendable {
    public enum Frequency: String, Codable, CaseIterable, Sendable {
        case daily, weekly
        case biweekly
        /// On the same day of the month; months that have no such day are left out (RFC 5545, 3.3.10).
        case monthly
    }

    public var frequency: Frequency
    /// The last day, `yyyy-MM-dd`. Not together with `count`.
    public var until: String?
    /// How often in all, the first one included; 2…`Limits.occurrences`.
    public var count: Int?

    public init(frequency: Frequency, until: String? = nil, count: Int? = nil) {
        self.frequency = frequency
        self.until = until
        self.count = count
    }
}

/// `POST /api/directory/rooms/{roomId}/appointments` and `PUT …/appointments/{appointmentId}`
public struct AppointmentDraft: Codable, Hashable, Sendable {
    /// Absent: the room's name.
    public var title: String?
    /// Wall-clock times of the time zone, `yyyy-MM-dd'T'HH:mm`, so that a series keeps its hour over a change of the clocks.
    public var start: String
    /// `Limits.appointmentHours` after the start at most.
    public var end: String
    /// An IANA name.
    public var timeZone: String
    public var recurrence: Recurrence?
    /// Mail addresses; `Limits.invitees` at most. They get mail when it is made, changed and cancelled, where a mail server is
    /// configured.
    public var invitees: [String]?
    /// Whether invitations have the PIN.
    public var includesPIN: Bool?
    /// Of the invitations: `de` or `en`.
    public var language: String?

    public init(
        title: String? = nil, start: String, end: String, timeZone: String, recurrence: Recurrence? = nil,
        invitees: [String]? = nil, includesPIN: Bool? = nil, language: String? = nil
    ) {
        self.title = title
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.recurrence = recurrence
        self.invitees = invitees
        self.includesPIN = includesPIN
        self.language = language
    }
}

/// An appointment as those see it who manage the room.
public struct AppointmentView: Codable, Hashable, Sendable {
    public var id: AppointmentID
    public var room: RoomID
    public var title: String
    public var start: String
    public var end: String
    public var timeZone: String
    public var recurrence: Recurrence?
    public var invitees: [String]
    public var includesPIN: Bool
    public var language: String
    /// Absent when the last one is over, and when the service does not know the time zone.
    public var next: Occurrence?
    /// Also the `ETag`; wanted in `If-Match` for every change.
    public var version: Int

    public init(
        id: AppointmentID, room: RoomID, title: String, start: String, end: String, timeZone: String,
        recurrence: Recurrence?, invitees: [String], includesPIN: Bool, language: String, next: Occurrence?,
        version: Int
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.recurrence = recurrence
        self.invitees = invitees
        self.includesPIN = includesPIN
        self.language = language
        self.next = next
        self.version = version
    }
}

/// `GET /api/directory/rooms/{roomId}/appointments`: those to come and, after them, those that are over.
public struct AppointmentList: Codable, Hashable, Sendable {
    public var items: [AppointmentView]

    public init(items: [AppointmentView]) {
        self.items = items
    }
}

/// `POST /api/directory/rooms/{roomId}/invitations`: mail with the link, without an appointment.
public struct InvitationDraft: Codable, Hashable, Sendable {
    /// Mail addresses. With `accounts` `Limits.invitees` at most, and not without any.
    public var invitees: [String]
    /// Colleagues, who get it at the address of their account.
    public var accounts: [AccountID]?
    public var includesPIN: Bool?
    /// `de` or `en`.
    public var language: String?

    public init(
        invitees: [String], accounts: [AccountID]? = nil, includesPIN: Bool? = nil, language: String? = nil
    ) {
        self.invitees = invitees
        self.accounts = accounts
        self.includesPIN = includesPIN
        self.language = language
    }
}

/// `GET /api/directory/rooms/{roomId}/invitation?language=&pin=`: the text of an invitation, for the clipboard.
public struct InvitationText: Codable, Hashable, Sendable {
    public var subject: String
    public var text: String
    public var link: String

    public init(subject: String, text: String, link: String) {
        self.subject = subject
        self.text = text
        self.link = link
    }
}

/// `GET /api/directory/features`: what this deployment can do.
public struct DirectoryFeatures: Codable, Hashable, Sendable {
    /// Whether a mail server is configured.
    public var mail: Bool

    public init(mail: Bool) {
        self.mail = mail
    }
}
