import Foundation
import ParleyProtocol

/// What becomes of an event in the calendar of who gets the file (RFC 5546).
enum CalendarMethod: String, Sendable {
    /// A copy for one's own use, to be downloaded.
    case publish = "PUBLISH"
    /// Invites, or changes what was invited to.
    case request = "REQUEST"
    case cancel = "CANCEL"
}

/// An appointment as an iCalendar file (RFC 5545): exactly one event.
struct CalendarFile: Sendable {
    struct Organizer: Hashable, Sendable {
        var name: String
        /// A mail address as `MailAddress` makes it.
        var address: String
    }

    /// Stays as it is for the life of the appointment.
    var uid: String
    var sequence: Int
    var schedule: Schedule
    var title: String
    var description: String
    var link: String
    var method: CalendarMethod
    /// When the file is made.
    var stamp: Date
    /// Only of files that go by mail: who just downloads one must not be asked for an answer.
    var organizer: Organizer?
    /// Mail addresses as `MailAddress` makes them.
    var attendees: [String] = []

    var text: String {
        var lines = CalendarLines()
        lines.component("VCALENDAR") { lines in
            lines.value("VERSION", "2.0")
            lines.value("PRODID", "-//Parley//Parley//EN")
            lines.value("CALSCALE", "GREGORIAN")
            lines.value("METHOD", method.rawValue)
            if !schedule.zone.isUTC { CalendarZone(schedule, at: stamp).write(to: &lines) }
            lines.component("VEVENT") { event(&$0) }
        }
        return lines.text
    }

    // MARK: Parts

    private func event(_ lines: inout CalendarLines) {
        lines.text("UID", uid)
        lines.value("SEQUENCE", String(sequence))
        lines.value("DTSTAMP", CalendarTime.utc(stamp))
        time("DTSTART", schedule.start, &lines)
        time("DTEND", schedule.end, &lines)
        if let repetition = schedule.repetition { lines.value("RRULE", rule(repetition)) }
        lines.text("SUMMARY", title)
        lines.text("DESCRIPTION", description)
        lines.text("LOCATION", link)
        lines.value("URL", link)
        lines.value("STATUS", method == .cancel ? "CANCELLED" : "CONFIRMED")
        lines.value("TRANSP", "OPAQUE")
        guard method != .publish else { return }
        if let organizer { lines.value("ORGANIZER", "mailto:\(organizer.address)", .init("CN", organizer.name)) }
        for address in attendees {
            lines.value(
                "ATTENDEE", "mailto:\(address)", .init("ROLE", "REQ-PARTICIPANT"),
                .init("PARTSTAT", "NEEDS-ACTION"), .init("RSVP", "TRUE"))
        }
    }

    private func time(_ name: StaticString, _ time: WallTime, _ lines: inout CalendarLines) {
        if schedule.zone.isUTC {
            lines.value(name, CalendarTime.local(time) + "Z")
        } else {
            lines.time(name, CalendarTime.local(time), zone: schedule.zone.name)
        }
    }

    private func rule(_ repetition: Repetition) -> String {
        let start = schedule.start.day
        let parts: [String] =
            switch repetition.frequency {
            case .daily: ["FREQ=DAILY"]
            case .weekly: ["FREQ=WEEKLY", "BYDAY=\(CalendarTime.weekday(start))"]
            case .biweekly: ["FREQ=WEEKLY", "INTERVAL=2", "BYDAY=\(CalendarTime.weekday(start))"]
            case .monthly: ["FREQ=MONTHLY", "BYMONTHDAY=\(start.day)"]
            }
        return (parts + end(repetition.end)).joined(separator: ";")
    }

    private func end(_ end: Repetition.End) -> [String] {
        switch end {
        case .never: []
        case .count(let count): ["COUNT=\(count)"]
        // The last beginning itself: programs differ in what a day alone includes.
        case .day: (schedule.last?.start).map { ["UNTIL=\(CalendarTime.utc($0))"] } ?? []
        }
    }
}

/// Times and days as iCalendar writes them.
enum CalendarTime {
    private static let weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

    static func local(_ time: WallTime) -> String {
        let day = Digits.padded(time.day.year, 4) + Digits.padded(time.day.month, 2) + Digits.padded(time.day.day, 2)
        return day + "T" + Digits.padded(time.hour, 2) + Digits.padded(time.minute, 2)
            + Digits.padded(time.second % 60, 2)
    }

    static func utc(_ moment: Date) -> String {
        local(WallTime(secondsSince1970: Int(moment.timeIntervalSince1970.rounded(.down)))) + "Z"
    }

    static func weekday(_ day: CalendarDay) -> String {
        let index = day.weekday - 1
        return weekdays.indices.contains(index) ? weekdays[index] : ""
    }

    /// `+0100`, and with seconds where there are any.
    static func offset(_ seconds: Int) -> String {
        let size = abs(seconds)
        let minutes = Digits.padded(size / 3_600, 2) + Digits.padded(size / 60 % 60, 2)
        return (seconds < 0 ? "-" : "+") + minutes + (size % 60 == 0 ? "" : Digits.padded(size % 60, 2))
    }
}
