import Foundation
import ParleyProtocol
import Testing

@testable import DirectoryService

@Suite("Calendar files")
struct CalendarFileTests {
    private func file(
        _ schedule: Schedule, title: String = "Weekly", description: String = "", method: CalendarMethod = .publish
    ) throws -> CalendarFile {
        CalendarFile(
            uid: "6f1c6a52-0c39-4d3c-9b0e-0d3c7d0f9a11", sequence: 3, schedule: schedule, title: title,
            description: description, link: "https://meet.example/r/weekly", method: method,
            stamp: try moment("2026-11-28T12:00:00Z"))
    }

    private func berlin(_ frequency: Recurrence.Frequency? = nil, _ end: Repetition.End = .never) throws -> Schedule {
        try schedule("2026-12-01T10:00", "2026-12-01T11:00", "Europe/Berlin", frequency, end)
    }

    /// The lines as they were before they were folded.
    private func lines(_ file: CalendarFile) -> [String] {
        // By bytes: a mark that begins a line would be one character with the space before it.
        let bytes = file.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return bytes.reduce(into: []) { lines, bytes in
            let line = Array(bytes).filter { $0 != UInt8(ascii: "\r") }
            if line.first == UInt8(ascii: " "), let last = lines.popLast() {
                lines.append(last + String(decoding: line.dropFirst(), as: UTF8.self))
            } else {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
    }

    @Test("an appointment that takes place once")
    func once() throws {
        #expect(
            lines(try file(try berlin(), description: "Link: x\nPIN: 1")) == [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Parley//Parley//EN", "CALSCALE:GREGORIAN",
                "METHOD:PUBLISH",
                "BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
                "BEGIN:DAYLIGHT", "DTSTART:20250330T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
                "BEGIN:STANDARD", "DTSTART:20251026T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
                "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD",
                "END:VTIMEZONE",
                "BEGIN:VEVENT", "UID:6f1c6a52-0c39-4d3c-9b0e-0d3c7d0f9a11", "SEQUENCE:3", "DTSTAMP:20261128T120000Z",
                "DTSTART;TZID=Europe/Berlin:20261201T100000", "DTEND;TZID=Europe/Berlin:20261201T110000",
                "SUMMARY:Weekly", "DESCRIPTION:Link: x\\nPIN: 1", "LOCATION:https://meet.example/r/weekly",
                "URL:https://meet.example/r/weekly", "STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT",
                "END:VCALENDAR", "",
            ])
    }

    @Test("a series is one event with its rule")
    func series() throws {
        func rule(_ schedule: Schedule) throws -> String? {
            lines(try file(schedule)).last { $0.hasPrefix("RRULE:") && !$0.contains("YEARLY") }
        }
        let day = try #require(CalendarDay("2027-01-31"))
        #expect(try rule(try berlin()) == nil)
        #expect(try rule(try berlin(.daily)) == "RRULE:FREQ=DAILY")
        #expect(try rule(try berlin(.weekly, .count(5))) == "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=5")
        #expect(
            try rule(try berlin(.biweekly, .day(day))) == "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270126T090000Z"
        )
        #expect(try rule(try berlin(.monthly)) == "RRULE:FREQ=MONTHLY;BYMONTHDAY=1")
    }

    @Test("times in UTC need no zone")
    func utc() throws {
        let lines = lines(try file(try schedule("2026-12-01T10:00", "2026-12-01T11:00", "Etc/UTC")))
        #expect(lines.contains("DTSTART:20261201T100000Z"))
        #expect(lines.contains("DTEND:20261201T110000Z"))
        #expect(!lines.contains { $0.contains("TZ") })
    }

    @Test("a file that goes by mail says who invites whom; one to be downloaded does not")
    func mail() throws {
        var file = try file(try berlin(), method: .request)
        file.organizer = .init(name: "Ada \"X\":;,\r\nATTENDEE:x", address: "parley@example.org")
        file.attendees = ["bob@example.org"]
        #expect(
            lines(file).filter { $0.contains("mailto:") } == [
                "ORGANIZER;CN=\"Ada 'X':;,  ATTENDEE:x\":mailto:parley@example.org",
                "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.org",
            ])
        #expect(lines(file).contains("METHOD:REQUEST"))
        file.method = .cancel
        #expect(lines(file).contains("METHOD:CANCEL"))
        #expect(lines(file).contains("STATUS:CANCELLED"))
        file.method = .publish
        #expect(!file.text.contains("mailto:"))
    }

    @Test("no text becomes a property of its own")
    func hostile() throws {
        let texts = [
            "x\r\nBEGIN:VALARM\r\nEND:VALARM", "x\nATTACH:http://evil.example", "x\rEND:VEVENT", "a;b,c\\d:e\"f",
            "x\u{2028}ATTACH:y", "x\u{2029}ATTACH:y", "x\u{85}ATTACH:y", "x\u{0B}y\u{0C}z\u{0}\u{7F}\u{1B}", "\\n",
            "\\",
            String(repeating: "ö", count: 5_000), String(repeating: "👩‍👩‍👧‍👦", count: 300),
            "a" + String(repeating: "\u{301}", count: 400), "\r\n \r\n\tx",
        ]
        for text in texts {
            let file = try file(try berlin(.weekly), title: text, description: text)
            let lines = lines(file)
            #expect(lines.count { $0.hasPrefix("BEGIN:") } == 5)
            #expect(lines.count == 36)
            #expect(lines.allSatisfy { !$0.hasPrefix("ATTACH") })
            let title = try #require(lines.first { $0.hasPrefix("SUMMARY:") })
            #expect(!title.unicodeScalars.contains { ["\u{2028}", "\u{2029}", "\u{85}"].contains($0) })
            // Between CR and LF is nothing else, no line is longer than 75 bytes, and each is UTF-8 by itself.
            let bytes = Array(file.text.utf8)
            let odd = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).filter {
                $0.last != UInt8(ascii: "\r") || $0.count > 76 || $0.dropLast().contains { $0 < 0x20 || $0 == 0x7F }
                    || String(validating: $0, as: UTF8.self) == nil
            }
            #expect(odd.isEmpty)
        }
        #expect(CalendarLines.escaped("a;b,c\\d\r\ne") == "a\\;b\\,c\\\\d\\ne")
    }

    // MARK: Zones

    private func observances(_ schedule: Schedule) throws -> [CalendarZone.Observance] {
        CalendarZone(schedule, at: try moment("2026-11-28T12:00:00Z")).observances
    }

    @Test("zones whose clocks follow a rule are described by it, for ever")
    func rules() throws {
        let cases = [
            "America/New_York": ["BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"],
            "Australia/Lord_Howe": ["BYMONTH=4;BYDAY=1SU", "BYMONTH=10;BYDAY=1SU"],
        ]
        for (zone, wanted) in cases {
            let found = try observances(try schedule("2026-12-01T10:00", "2026-12-01T11:00", zone, .weekly))
            #expect(found.map(\.rule) == wanted.map { "FREQ=YEARLY;\($0)" }, "\(zone)")
            #expect(found.allSatisfy { $0.onsets.count == 1 && $0.onsets.allSatisfy { $0.day.year == 2_025 } })
        }
        let lordHowe = try observances(try schedule("2026-12-01T10:00", "2026-12-01T11:00", "Australia/Lord_Howe"))
        #expect(lordHowe.map { CalendarTime.offset($0.offsetAfter) } == ["+1030", "+1100"])
    }

    @Test("a zone whose rules Outlook can't read is described change by change, with its standard time even in summer")
    func outlook() throws {
        for zone in ["Asia/Jerusalem", "America/Santiago", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca"] {
            for day in ["2027-01-10", "2027-07-10"] {
                let found = try observances(try schedule("\(day)T10:00", "\(day)T11:00", zone))
                #expect(found.contains { !$0.isDaylight }, "\(zone) \(day)")
                #expect(found.allSatisfy { $0.rule == nil }, "\(zone) \(day)")
            }
        }
    }

    @Test("a zone that changes no clocks has one offset")
    func fixed() throws {
        let found = try observances(try schedule("2026-12-01T10:00", "2026-12-01T11:00", "Asia/Kathmandu", .weekly))
        #expect(
            found == [
                CalendarZone.Observance(
                    isDaylight: false, offsetBefore: 20_700, offsetAfter: 20_700,
                    onsets: [WallTime(secondsSince1970: 0)])
            ])
    }

    @Test(
        "whatever the zone, its description says the same as its clocks",
        arguments: [
            "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Santiago", "America/St_Johns",
            "America/Nuuk",
            "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Jerusalem", "Africa/Casablanca", "Africa/Cairo",
            "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "Europe/Istanbul", "America/Sao_Paulo", "Etc/GMT+5",
        ])
    func agreement(name: String) throws {
        for start in ["2006-03-15", "2011-12-28", "2015-06-01", "2026-12-01", "2040-07-01"] {
            let series = try schedule("\(start)T10:00", "\(start)T11:00", name, .daily, .count(700))
            let occurrences = series.occurrences(from: .distantPast, limit: 700)
            let last = try #require(occurrences.last)
            let onsets = Self.onsets(try observances(series), through: series.zone.wall(last.start))
            for occurrence in occurrences {
                let wall = series.zone.wall(occurrence.start)
                let offset = onsets.last { $0.onset <= wall }?.offset
                #expect(offset == series.zone.offset(at: occurrence.start), "\(name) \(wall.text)")
            }
        }
    }

    /// What clocks are set to, and when, in its order. Rules are followed day by day.
    private static func onsets(
        _ observances: [CalendarZone.Observance], through wall: WallTime
    ) -> [(onset: WallTime, offset: Int)] {
        observances.flatMap { observance in
            (observance.onsets + following(observance, through: wall)).map { ($0, observance.offsetAfter) }
        }.sorted { $0.0 < $1.0 }
    }

    private static func following(_ observance: CalendarZone.Observance, through wall: WallTime) -> [WallTime] {
        guard let rule = observance.rule, let first = observance.onsets.first else { return [] }
        let parts = Dictionary(
            rule.split(separator: ";").map { part in
                let sides = part.split(separator: "=")
                return (String(sides[0]), String(sides[1]))
            }, uniquingKeysWith: { first, _ in first })
        let byDay = parts["BYDAY"] ?? ""
        return (first.day.number + 1...max(first.day.number + 1, wall.day.number)).compactMap { number in
            let day = CalendarDay(number: number)
            guard String(day.month) == parts["BYMONTH"], byDay.hasSuffix(CalendarTime.weekday(day)) else { return nil }
            let isIt =
                byDay.hasPrefix("-1") ? day.daysLeftInMonth < 7 : byDay.hasPrefix(String((day.day - 1) / 7 + 1))
            return isIt ? WallTime(day: day, second: first.second) : nil
        }
    }

    // MARK: Names of files

    @Test(
        "the name of a file ends no header and hides nothing",
        arguments: [
            ("Weekly", "filename=\"Weekly.ics\"; filename*=UTF-8''Weekly.ics"),
            ("Größe \"1\"", "filename=\"Gr__e__1_.ics\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_1_.ics"),
            ("a\r\nSet-Cookie: x", "filename=\"a_Set-Cookie__x.ics\"; filename*=UTF-8''a_Set-Cookie_%20x.ics"),
            ("../../etc", "filename=\"_.._etc.ics\"; filename*=UTF-8''_.._etc.ics"),
            ("\u{202E}fdp", "filename=\"_fdp.ics\"; filename*=UTF-8''_fdp.ics"),
            ("...", "filename=\"file.ics\"; filename*=UTF-8''file.ics"),
            ("%22;x='", "filename=\"_22_x__.ics\"; filename*=UTF-8''%2522%3Bx%3D%27.ics"),
        ])
    func names(title: String, wanted: String) {
        #expect(AttachmentName.header(title, extension: "ics") == "attachment; \(wanted)")
    }
}
