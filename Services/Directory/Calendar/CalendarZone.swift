import Foundation
import ParleyProtocol

/// What a calendar must know of a time zone to understand the times of a schedule: a `VTIMEZONE` (RFC 5545, 3.6.5).
///
/// Outlook and Exchange read it only if there is a `STANDARD` in it, and in a rule one weekday with its number, such as `-1SU` ([MS-OXCICAL],
/// 2.1.3.1.1.19.2); of a zone without such rules they take the first onsets. Others go by the name.
struct CalendarZone: Hashable, Sendable {
    /// From when on clocks are so far from UTC.
    struct Observance: Hashable, Sendable {
        var isDaylight: Bool
        var offsetBefore, offsetAfter: Int
        /// As clocks show them that were not changed; never empty.
        var onsets: [WallTime]
        /// How it comes again every year after the first onset.
        var rule: String?
    }

    /// A day of the month moves by seven years at most before it comes again; so many show all days of a rule.
    private static let yearsOfRule = 28
    /// For so long a series without end is described in a zone that follows no rule.
    private static let yearsAhead = 10
    private static let day = 86_400.0

    let name: String
    let observances: [Observance]

    /// - Parameter moment: now; a series without end is to be right for some years from there.
    init(_ schedule: Schedule, at moment: Date) {
        name = schedule.zone.name
        if let yearly = Self.yearly(schedule.zone, year: schedule.start.day.year - 1) {
            observances = yearly
        } else {
            let horizon = max(schedule.first, moment).addingTimeInterval(Double(Self.yearsAhead) * 365.25 * Self.day)
            let end = (schedule.last?.end).map { $0.addingTimeInterval(Self.day) } ?? horizon
            observances = Self.explicit(schedule.zone, from: schedule.first.addingTimeInterval(-Self.day), through: end)
        }
    }

    func write(to lines: inout CalendarLines) {
        lines.component("VTIMEZONE") { lines in
            lines.value("TZID", name)
            for observance in observances {
                lines.component(observance.isDaylight ? "DAYLIGHT" : "STANDARD") { Self.write(observance, to: &$0) }
            }
        }
    }

    private static func write(_ observance: Observance, to lines: inout CalendarLines) {
        let onsets = observance.onsets.map(CalendarTime.local)
        if let first = onsets.first { lines.value("DTSTART", first) }
        lines.value("TZOFFSETFROM", CalendarTime.offset(observance.offsetBefore))
        lines.value("TZOFFSETTO", CalendarTime.offset(observance.offsetAfter))
        if let rule = observance.rule { lines.value("RRULE", rule) }
        if onsets.count > 1 { lines.value("RDATE", onsets.dropFirst().joined(separator: ",")) }
    }

    // MARK: Zones that follow a rule

    /// `nil` unless clocks are changed twice in each year by the same two rules, which Outlook can read.
    private static func yearly(_ zone: Zone, year: Int) -> [Observance]? {
        guard let start = CalendarDay(year: year, month: 1, day: 1),
            let end = CalendarDay(year: year + yearsOfRule, month: 1, day: 1)
        else { return nil }
        let transitions = zone.transitions(
            after: zone.nearestMoment(WallTime(day: start, second: 0)),
            through: zone.nearestMoment(WallTime(day: end, second: 0)))
        let groups = grouped(transitions)
        guard groups.count == 2, groups.allSatisfy({ $0.onsets.count == yearsOfRule }) else { return nil }
        var observances: [Observance] = []
        for var group in groups {
            guard Set(group.onsets.map(\.day.year)).count == yearsOfRule, let rule = rule(of: group.onsets) else {
                return nil
            }
            group.rule = rule
            group.onsets = Array(group.onsets.prefix(1))
            observances.append(group)
        }
        return observances
    }

    private static func rule(of onsets: [WallTime]) -> String? {
        guard let first = onsets.first,
            onsets.allSatisfy({
                $0.second == first.second && $0.day.month == first.day.month && $0.day.weekday == first.day.weekday
            })
        else { return nil }
        let days = onsets.map(\.day.day)
        guard let earliest = days.min(), let latest = days.max(), latest - earliest < 7 else { return nil }
        let head = "FREQ=YEARLY;BYMONTH=\(first.day.month)"
        let weekday = CalendarTime.weekday(first.day)
        if onsets.allSatisfy({ $0.day.daysLeftInMonth < 7 }) { return "\(head);BYDAY=-1\(weekday)" }
        guard (earliest - 1) / 7 == (latest - 1) / 7 else { return nil }
        return "\(head);BYDAY=\((earliest - 1) / 7 + 1)\(weekday)"
    }

    // MARK: Others

    /// Every change of the span by itself, after what holds at its beginning.
    private static func explicit(_ zone: Zone, from start: Date, through end: Date) -> [Observance] {
        let before = zone.transitions(after: start.addingTimeInterval(-2 * 366 * day), through: start)
        let following = zone.transitions(after: start, through: end)
        if let standard = before.lastIndex(where: { !$0.isDaylightAfter }) {
            return grouped(Array(before[standard...]) + following)
        }
        let offset = before.first?.offsetBefore ?? zone.offset(at: start)
        let always = Observance(
            isDaylight: false, offsetBefore: offset, offsetAfter: offset, onsets: [WallTime(secondsSince1970: 0)])
        return [always] + grouped(before + following)
    }

    /// Those that change the clocks in the same way are one, with several onsets.
    private static func grouped(_ transitions: [Zone.Transition]) -> [Observance] {
        var observances: [Observance] = []
        for transition in transitions {
            let position = observances.firstIndex {
                $0.isDaylight == transition.isDaylightAfter && $0.offsetBefore == transition.offsetBefore
                    && $0.offsetAfter == transition.offsetAfter
            }
            if let position {
                observances[position].onsets.append(transition.wallBefore)
            } else {
                observances.append(
                    Observance(
                        isDaylight: transition.isDaylightAfter, offsetBefore: transition.offsetBefore,
                        offsetAfter: transition.offsetAfter, onsets: [transition.wallBefore]))
            }
        }
        return observances
    }
}
