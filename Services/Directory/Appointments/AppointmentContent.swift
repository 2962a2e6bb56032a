import Foundation
import ParleyProtocol
import ServiceKit

/// What was set of an appointment, checked.
struct AppointmentContent: Hashable, Sendable {
    /// `nil`: the room's name.
    var title: String?
    var schedule: Schedule
    /// Mail addresses, each once.
    var invitees: [String]
    var includesPIN: Bool
    var language: InvitationLanguage

    /// - Throws: 400 with every field that can't be accepted, and why.
    init(_ draft: AppointmentDraft) throws(ProblemError) {
        var checks = FieldChecks()
        var title: String?
        if let text = draft.title, !text.isEmpty {
            title = checks.check("title") { () throws(FieldRefusal) in try ReadableText.line(text, Limits.roomName) }
        }
        let schedule = Self.schedule(draft, &checks)
        let invitees = checks.check("invitees") { () throws(FieldRefusal) in
            try MailAddress.list(draft.invitees ?? [])
        }
        let language = checks.check("language") { () throws(FieldRefusal) in
            try InvitationLanguage.checked(draft.language) ?? .english
        }
        guard checks.problems.isEmpty, let schedule, let invitees, let language else {
            throw .validation(checks.problems)
        }
        self.title = title
        self.schedule = schedule
        self.invitees = invitees
        includesPIN = draft.includesPIN ?? false
        self.language = language
    }

    private static func schedule(_ draft: AppointmentDraft, _ checks: inout FieldChecks) -> Schedule? {
        let start = checks.check("start") { () throws(FieldRefusal) in try time(draft.start) }
        let end = checks.check("end") { () throws(FieldRefusal) in try time(draft.end) }
        let zone = checks.check("timeZone") { () throws(FieldRefusal) in
            guard !draft.timeZone.isEmpty else { throw FieldRefusal(.missing) }
            guard let zone = Zone(draft.timeZone) else { throw FieldRefusal(.badFormat) }
            return zone
        }
        var repetition: Repetition?
        if let recurrence = draft.recurrence {
            let checked = checks.check("recurrence") { () throws(FieldRefusal) in
                try self.repetition(recurrence, from: start?.day)
            }
            guard let checked else { return nil }
            repetition = checked
        }
        guard let start, let end, let zone else { return nil }
        let schedule = Schedule(start: start, end: end, zone: zone, repetition: repetition)
        return check(schedule, &checks) ? schedule : nil
    }

    private static func time(_ text: String) throws(FieldRefusal) -> WallTime {
        guard !text.isEmpty else { throw FieldRefusal(.missing) }
        guard let time = WallTime(text) else { throw FieldRefusal(.badFormat) }
        guard Limits.appointmentYears.contains(time.day.year) else { throw FieldRefusal(.notAllowed) }
        return time
    }

    private static func repetition(
        _ recurrence: Recurrence, from start: CalendarDay?
    ) throws(FieldRefusal) -> Repetition {
        switch (recurrence.until, recurrence.count) {
        case (nil, nil): return Repetition(frequency: recurrence.frequency, end: .never)
        case (nil, let count?):
            guard count >= 2 else { throw FieldRefusal(.tooShort) }
            guard count <= Limits.occurrences else { throw FieldRefusal(.tooLong) }
            return Repetition(frequency: recurrence.frequency, end: .count(count))
        case (let text?, nil):
            guard let last = CalendarDay(text) else { throw FieldRefusal(.badFormat) }
            if let start, last < start { throw FieldRefusal(.tooShort) }
            return Repetition(frequency: recurrence.frequency, end: .day(last))
        case (.some, .some): throw FieldRefusal(.notAllowed)
        }
    }

    /// What can only be told of the times together with their zone.
    private static func check(_ schedule: Schedule, _ checks: inout FieldChecks) -> Bool {
        let before = checks.problems.count
        _ = checks.check("start") { () throws(FieldRefusal) in
            guard schedule.zone.moment(schedule.start) != nil else { throw FieldRefusal(.notAllowed) }
        }
        _ = checks.check("end") { () throws(FieldRefusal) in
            guard schedule.zone.moment(schedule.end) != nil else { throw FieldRefusal(.notAllowed) }
            guard schedule.end > schedule.start, schedule.length > 0 else { throw FieldRefusal(.tooShort) }
            guard schedule.length <= Limits.appointmentHours * 3_600 else { throw FieldRefusal(.tooLong) }
        }
        if case .day = schedule.repetition?.end {
            _ = checks.check("recurrence") { () throws(FieldRefusal) in
                let all = schedule.occurrences(from: .distantPast, limit: Limits.occurrences + 1)
                guard all.count <= Limits.occurrences else { throw FieldRefusal(.tooLong) }
            }
        }
        return checks.problems.count == before
    }
}

extension InvitationLanguage {
    /// `nil` for none.
    static func checked(_ text: String?) throws(FieldRefusal) -> InvitationLanguage? {
        guard let text, !text.isEmpty else { return nil }
        guard let language = InvitationLanguage(rawValue: text) else { throw FieldRefusal(.badFormat) }
        return language
    }
}
