import Foundation
import ParleyProtocol

/// An appointment as it is kept.
struct Appointment: Hashable, Sendable {
    var id: AppointmentID
    var room: RoomID
    var title: String
    var schedule: Schedule
    var invitees: [String]
    var includesPIN: Bool
    var language: InvitationLanguage
    /// Rises with each change that those must know who have it in their calendars (RFC 5545, 3.8.7.4).
    var sequence: Int
    /// Rises with each change.
    var version: Int
    /// When the last one ends; nothing when it goes on for ever.
    var lastEnd: Date?
    var createdAt: Date
    var updatedAt: Date
    /// When it was read, by the database's clock.
    var readAt: Date

    var isOver: Bool { lastEnd.map { $0 <= readAt } ?? false }

    /// Nothing when the last one is over, or nobody here knows the time zone.
    var next: Occurrence? { schedule.next(after: readAt) }

    var view: AppointmentView {
        AppointmentView(
            id: id, room: room, title: title, start: schedule.start.text, end: schedule.end.text,
            timeZone: schedule.zone.name, recurrence: schedule.repetition?.recurrence, invitees: invitees,
            includesPIN: includesPIN, language: language.rawValue, next: next, version: version)
    }

    /// Whether those who have it in their calendars must know of the change.
    func differsMuch(from other: Appointment) -> Bool {
        title != other.title || schedule != other.schedule || includesPIN != other.includesPIN
    }

    /// Also when somebody was taken from the list or put back: a calendar passes over an invitation with no higher number than that
    /// of the cancellation before (RFC 5546, 2.1.5).
    func needsNewSequence(after other: Appointment) -> Bool {
        differsMuch(from: other) || Set(invitees) != Set(other.invitees)
    }

    /// The text about it.
    /// - Parameters:
    ///   - pin: goes into the text whatever `includesPIN` says.
    ///   - language: absent: that of the appointment.
    func letter(
        _ occasion: InvitationLetter.Occasion = .invitation, in room: Room, link: String, pin: String?,
        inviter: String? = nil, language: InvitationLanguage? = nil
    ) -> InvitationLetter {
        InvitationLetter(
            language: language ?? self.language, occasion: occasion, title: title, description: room.description,
            inviter: inviter, link: link, pin: pin,
            time: InvitationLetter.Time(
                start: schedule.start, end: schedule.end, timeZone: schedule.zone.name,
                recurrence: schedule.repetition?.recurrence))
    }
}

/// In this order: those to come, the next one first; then those that are over, the latest first.
func inOrder(_ appointments: [Appointment]) -> [AppointmentView] {
    let views = appointments.map { (view: $0.view, first: $0.schedule.first) }
    return views.sorted { one, other in
        switch (one.view.next, other.view.next) {
        case (let a?, let b?): (a.start, one.view.id.rawValue) < (b.start, other.view.id.rawValue)
        case (nil, nil): (one.first, one.view.id.rawValue) > (other.first, other.view.id.rawValue)
        case (let a, _): a != nil
        }
    }.map(\.view)
}

extension AppointmentID {
    /// As it stands in a path; `nil` when it is none.
    init?(path: String) {
        guard let uuid = UUID(text: path) else { return nil }
        self.init(uuid.uuidString.lowercased())
    }

    static func random() -> AppointmentID {
        AppointmentID(UUID().uuidString.lowercased())
    }
}
