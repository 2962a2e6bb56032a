import Foundation
import ParleyProtocol

/// How a series goes on, checked.
struct Repetition: Hashable, Sendable {
    enum End: Hashable, Sendable {
        case never
        /// The last day on which one may begin.
        case day(CalendarDay)
        /// How many in all.
        case count(Int)
    }

    var frequency: Recurrence.Frequency
    var end: End

    /// As it crosses the wire.
    var recurrence: Recurrence {
        switch end {
        case .never: Recurrence(frequency: frequency)
        case .day(let day): Recurrence(frequency: frequency, until: day.text)
        case .count(let count): Recurrence(frequency: frequency, count: count)
        }
    }
}

/// When an appointment takes place: once or again and again.
///
/// The beginning of each is a wall-clock time, so that a series keeps its hour over a change of the clocks. All take as long as
/// the first (RFC 5545, 3.8.5.3). Months that have no such day and days on which the clocks leave the hour out have none, and are
/// not counted (3.3.10).
struct Schedule: Hashable, Sendable {
    let start: WallTime
    let end: WallTime
    let zone: Zone
    let repetition: Repetition?
    /// The first beginning.
    let first: Date
    /// In seconds.
    let length: Int

    init(start: WallTime, end: WallTime, zone: Zone, repetition: Repetition?) {
        self.start = start
        self.end = end
        self.zone = zone
        self.repetition = repetition
        first = zone.nearestMoment(start)
        // What was checked can turn when a country changes its clocks.
        length = max(0, Int(zone.nearestMoment(end).timeIntervalSince(first)))
    }

    /// Those that end after `moment`, in their order.
    func occurrences(from moment: Date, limit: Int) -> [Occurrence] {
        guard let repetition else { return [occurrence(first)].filter { limit > 0 && $0.end > moment } }
        var found: [Occurrence] = []
        var counted = 0
        // Only where they are counted, each before `moment` has to be looked at.
        var step = 0
        if case .count = repetition.end {} else { step = self.step(before: moment, repetition.frequency) }
        // Each second month has a day 31 at least, and clocks are changed far less often than that.
        let lastStep = step + 4 * max(limit, 0) + 2 * Limits.occurrences
        while found.count < limit, step <= lastStep {
            if case .count(let count) = repetition.end, counted == count { break }
            let day = day(step, repetition.frequency)
            if case .day(let last) = repetition.end, let day, day > last { break }
            if let begin = begin(step, day) {
                counted += 1
                let occurrence = occurrence(begin)
                if occurrence.end > moment { found.append(occurrence) }
            }
            step += 1
        }
        return found
    }

    /// The first that ends after `moment`. Nothing when it is not known what clocks show in the zone.
    func next(after moment: Date) -> Occurrence? {
        zone.isKnown ? occurrences(from: moment, limit: 1).first : nil
    }

    /// The last one. `nil`: there is none, it goes on for ever.
    ///
    /// Of a series with more than `Limits.occurrences` times it is not the last one; such a series is not accepted.
    var last: Occurrence? {
        guard let repetition else { return occurrence(first) }
        guard repetition.end != .never else { return nil }
        return occurrences(from: .distantPast, limit: Limits.occurrences).last
    }

    // MARK: Parts

    private func occurrence(_ begin: Date) -> Occurrence {
        Occurrence(start: begin, end: begin.addingTimeInterval(Double(length)), timeZone: zone.name)
    }

    private func begin(_ step: Int, _ day: CalendarDay?) -> Date? {
        if step == 0 { return first }
        return day.flatMap { zone.moment(WallTime(day: $0, second: start.second)) }
    }

    /// The day that is so many steps after the first; `nil` when the month has none.
    private func day(_ step: Int, _ frequency: Recurrence.Frequency) -> CalendarDay? {
        if let days = Self.days(frequency) { return start.day.advanced(by: step * days) }
        let months = start.day.month - 1 + step
        return CalendarDay(year: start.day.year + months / 12, month: months % 12 + 1, day: start.day.day)
    }

    /// A step that is not after the first one which ends after `moment`.
    private func step(before moment: Date, _ frequency: Recurrence.Frequency) -> Int {
        guard moment > first else { return 0 }
        // It began at most a day before, which is two on the calendar, and three where one is left out as in Samoa in 2011.
        let day = zone.wall(moment).day.advanced(by: -3)
        if let days = Self.days(frequency) { return max(0, (day.number - start.day.number) / days) }
        return max(0, (day.year - start.day.year) * 12 + day.month - start.day.month)
    }

    /// Between two of them; `nil`: it is by months.
    private static func days(_ frequency: Recurrence.Frequency) -> Int? {
        switch frequency {
        case .daily: 1
        case .weekly: 7
        case .biweekly: 14
        case .monthly: nil
        }
    }
}
