import Foundation
import ParleyProtocol
import Testing

@testable import DirectoryService

func schedule(
    _ start: String, _ end: String, _ zone: String, _ frequency: Recurrence.Frequency? = nil,
    _ until: Repetition.End = .never
) throws -> Schedule {
    Schedule(
        start: try #require(WallTime(start)), end: try #require(WallTime(end)), zone: try #require(Zone(zone)),
        repetition: frequency.map { Repetition(frequency: $0, end: until) })
}

func moment(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

@Suite("When an appointment takes place")
struct AppointmentScheduleTests {
    /// The first beginnings, in UTC.
    private func starts(_ schedule: Schedule, _ count: Int = 3) -> [String] {
        schedule.occurrences(from: .distantPast, limit: count).map { $0.start.formatted(.iso8601) }
    }

    @Test("days and weekdays are those of the calendar")
    func days() throws {
        #expect(CalendarDay(year: 1970, month: 1, day: 1)?.number == 0)
        #expect(CalendarDay(year: 2_000, month: 2, day: 29)?.text == "2000-02-29")
        #expect(CalendarDay(year: 2_100, month: 2, day: 29) == nil)
        #expect(CalendarDay(year: 2_026, month: 11, day: 28)?.weekday == 6)
        #expect(CalendarDay(year: 2_024, month: 2, day: 1)?.daysLeftInMonth == 28)
        #expect(CalendarDay(year: 2_026, month: 12, day: 25)?.daysLeftInMonth == 6)
        let calendar = Calendar(identifier: .gregorian)
        for number in stride(from: -200_000, through: 800_000, by: 1_237) {
            let day = CalendarDay(number: number)
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            var utc = calendar
            utc.timeZone = .gmt
            let parts = utc.dateComponents([.year, .month, .day, .weekday], from: date)
            guard number > -141_427 else { continue }
            #expect(parts.year == day.year && parts.month == day.month && parts.day == day.day)
            #expect((parts.weekday ?? 0) == day.weekday % 7 + 1)
            #expect(CalendarDay(day.text) == day)
        }
    }

    @Test(
        "what is no wall-clock time is not read",
        arguments: [
            "", "T", "2026-01-01", "2026-01-01T", "2026-01-01T9:00", "2026-01-01T24:00", "2026-01-01T10:60",
            "2026-02-29T10:00", "2026-13-01T10:00", "2026-01-01T10:00:00", "2026-01-01T10:00Z", "26-01-01T10:00",
            "2026-01-01 10:00", "2026-1-01T10:00", "+026-01-01T10:00", "２０２６-01-01T10:00", "2026-01-01T10:00\r\nX:1",
        ])
    func oddTimes(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test("once is once")
    func once() throws {
        let once = try schedule("2026-12-01T10:00", "2026-12-01T11:30", "Europe/Berlin")
        #expect(starts(once) == ["2026-12-01T09:00:00Z"])
        #expect(once.last?.end == (try moment("2026-12-01T10:30:00Z")))
        #expect(once.next(after: try moment("2026-12-01T10:29:59Z"))?.start == once.first)
        #expect(once.next(after: try moment("2026-12-01T10:30:00Z")) == nil)
    }

    @Test("a series keeps its hour over a change of the clocks, in both directions and everywhere")
    func overChanges() throws {
        let cases: [(String, String, Recurrence.Frequency, [String])] = [
            (
                "Europe/Berlin", "2026-03-23T09:00", .weekly,
                ["2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z", "2026-04-06T07:00:00Z"]
            ),
            (
                "Europe/Berlin", "2026-10-19T09:00", .weekly,
                ["2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z", "2026-11-02T08:00:00Z"]
            ),
            (
                "America/New_York", "2026-02-23T09:00", .biweekly,
                ["2026-02-23T14:00:00Z", "2026-03-09T13:00:00Z", "2026-03-23T13:00:00Z"]
            ),
            // Half an hour only.
            (
                "Australia/Lord_Howe", "2026-04-04T09:00", .daily,
                ["2026-04-03T22:00:00Z", "2026-04-04T22:30:00Z", "2026-04-05T22:30:00Z"]
            ),
            (
                "Asia/Kathmandu", "2026-03-28T09:00", .daily,
                ["2026-03-28T03:15:00Z", "2026-03-29T03:15:00Z", "2026-03-30T03:15:00Z"]
            ),
            // By the moon: for Ramadan, and back.
            (
                "Africa/Casablanca", "2026-01-20T09:00", .monthly,
                ["2026-01-20T08:00:00Z", "2026-02-20T09:00:00Z", "2026-03-20T09:00:00Z", "2026-04-20T08:00:00Z"]
            ),
        ]
        for (zone, start, frequency, wanted) in cases {
            let series = try schedule(start, start.replacing("T09:00", with: "T10:00"), zone, frequency)
            #expect(starts(series, wanted.count) == wanted, "\(zone)")
        }
    }

    @Test("a day on which the clocks leave the hour out has none, and is not counted")
    func leftOut() throws {
        let newYork = try schedule("2026-03-07T02:30", "2026-03-07T02:45", "America/New_York", .daily, .count(3))
        #expect(starts(newYork, 10) == ["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"])
        let lordHowe = try schedule("2026-10-03T02:15", "2026-10-03T02:45", "Australia/Lord_Howe", .daily, .count(2))
        #expect(starts(lordHowe, 10) == ["2026-10-02T15:45:00Z", "2026-10-04T15:15:00Z"])
        // A whole day.
        let apia = try schedule("2011-12-29T09:00", "2011-12-29T10:00", "Pacific/Apia", .daily, .count(3))
        #expect(starts(apia, 10) == ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"])
        let after = apia.next(after: try moment("2011-12-30T10:00:00Z"))
        #expect(after?.start == (try moment("2011-12-30T19:00:00Z")))
    }

    @Test("an hour that clocks show twice is the first of the two")
    func twice() throws {
        let series = try schedule("2026-10-31T01:30", "2026-10-31T01:45", "America/New_York", .daily)
        #expect(starts(series) == ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"])
    }

    @Test("all take as long as the first, also in a night in which the clocks are changed")
    func length() throws {
        let nights = try schedule("2026-10-23T22:00", "2026-10-24T06:00", "Europe/Berlin", .daily)
        let lengths = nights.occurrences(from: .distantPast, limit: 4).map { $0.end.timeIntervalSince($0.start) }
        #expect(lengths == Array(repeating: 8 * 3_600, count: 4))
    }

    @Test("months that have no such day are left out")
    func months() throws {
        let last = try schedule("2026-01-31T09:00", "2026-01-31T10:00", "UTC", .monthly, .count(5))
        let days = starts(last, 10).map { $0.prefix(10) }
        #expect(days == ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31", "2026-08-31"])
        let leap = try schedule("2027-11-29T09:00", "2027-11-29T10:00", "UTC", .monthly)
        #expect(starts(leap, 4).map { $0.prefix(10) } == ["2027-11-29", "2027-12-29", "2028-01-29", "2028-02-29"])
    }

    @Test("the last day is one of the series")
    func until() throws {
        let last = try #require(CalendarDay("2026-12-15"))
        let series = try schedule("2026-12-01T23:30", "2026-12-02T00:30", "America/New_York", .weekly, .day(last))
        #expect(starts(series, 10) == ["2026-12-02T04:30:00Z", "2026-12-09T04:30:00Z", "2026-12-16T04:30:00Z"])
        let before = try schedule(
            "2026-12-01T23:30", "2026-12-02T00:30", "America/New_York", .weekly, .day(last.advanced(by: -1)))
        #expect(starts(before, 10).count == 2)
        #expect(before.last?.end == (try moment("2026-12-09T05:30:00Z")))
    }

    @Test("one that has begun is the next until it ends")
    func running() throws {
        let series = try schedule("2026-12-01T10:00", "2026-12-01T11:00", "UTC", .daily)
        #expect(series.next(after: try moment("2027-05-05T10:59:59Z"))?.start == (try moment("2027-05-05T10:00:00Z")))
        #expect(series.next(after: try moment("2027-05-05T11:00:00Z"))?.start == (try moment("2027-05-06T10:00:00Z")))
        #expect(series.occurrences(from: .distantPast, limit: 0).isEmpty)
        #expect(series.last == nil)
    }

    @Test(
        "whoever asks from the middle gets what counting from the beginning gives",
        arguments: Recurrence.Frequency.allCases,
        [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
            "Pacific/Apia",
        ]
    )
    func jumps(frequency: Recurrence.Frequency, zone: String) throws {
        for (start, end) in [("2011-10-31T02:15", "2011-11-01T02:00"), ("2011-10-29T23:45", "2011-10-30T00:00")] {
            let endless = try schedule(start, end, zone, frequency)
            let counted = try schedule(start, end, zone, frequency, .count(700))
            let all = counted.occurrences(from: .distantPast, limit: 700)
            #expect(all.count == 700)
            #expect(endless.occurrences(from: .distantPast, limit: 700) == all)
            for index in stride(from: 0, to: 690, by: 13) {
                for moment in [all[index].start, all[index].end, all[index].end.addingTimeInterval(-1)] {
                    let wanted = all.drop { $0.end <= moment }.prefix(3)
                    #expect(endless.occurrences(from: moment, limit: 3) == Array(wanted))
                }
            }
        }
    }

    @Test("the next one of an old series without end is found")
    func late() throws {
        let series = try schedule("2000-01-31T09:00", "2000-01-31T10:00", "Europe/Berlin", .monthly)
        #expect(series.next(after: try moment("2095-04-01T00:00:00Z"))?.start == (try moment("2095-05-31T07:00:00Z")))
        #expect(series.next(after: try moment("2999-02-01T00:00:00Z")) != nil)
    }

    @Test(
        "only zones that calendars know",
        arguments: [
            ("Europe/Berlin", true), ("UTC", true), ("Etc/UTC", true), ("Asia/Calcutta", true),
            ("America/Argentina/Buenos_Aires", true), ("Etc/GMT+5", true), ("", false), ("EST", false),
            ("GMT+3", false), ("Foo/Bar", false), ("europe/berlin", false), ("../../etc/passwd", false),
            ("Europe/Berlin\r\nX:1", false), ("Europe/Berlin;X=1", false), (String(repeating: "a/", count: 99), false),
        ])
    func zones(name: String, isKnown: Bool) {
        #expect((Zone(name) != nil) == isKnown)
    }
}
