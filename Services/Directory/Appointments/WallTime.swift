/// A day of the Gregorian calendar, in no time zone.
struct CalendarDay: Hashable, Comparable, Sendable {
    /// Since 1970-01-01.
    let number: Int

    init(number: Int) {
        self.number = number
    }

    /// `nil` when the month has no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        number = Self.number(year, month, day)
        guard self.day == day else { return nil }
    }

    /// `yyyy-MM-dd`
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Digits.value(parts[0], 4), let month = Digits.value(parts[1], 2),
            let day = Digits.value(parts[2], 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    var year: Int { civil.year }
    var month: Int { civil.month }
    var day: Int { civil.day }

    /// 1 is Monday, 7 is Sunday.
    var weekday: Int { Self.remainder(number + 3, 7) + 1 }

    /// Days of the month that come after this one.
    var daysLeftInMonth: Int {
        let next = month == 12 ? Self.number(year + 1, 1, 1) : Self.number(year, month + 1, 1)
        return next - number - 1
    }

    /// `yyyy-MM-dd`
    var text: String { "\(Digits.padded(year, 4))-\(Digits.padded(month, 2))-\(Digits.padded(day, 2))" }

    static func < (one: CalendarDay, other: CalendarDay) -> Bool { one.number < other.number }

    func advanced(by days: Int) -> CalendarDay { CalendarDay(number: number + days) }

    // Years are counted from March, so that the leap day is the last of them; 146097 days are 400 years.

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = quotient(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = Self.quotient(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func quotient(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : (a - b + 1) / b }
    private static func remainder(_ a: Int, _ b: Int) -> Int { a - quotient(a, b) * b }
}

/// What calendar and clock on a wall show, in no time zone.
struct WallTime: Hashable, Comparable, Sendable {
    var day: CalendarDay
    /// Of the day, 0…86399.
    var second: Int

    init(day: CalendarDay, second: Int) {
        self.day = day
        self.second = second
    }

    /// The same in seconds since 1970-01-01T00:00.
    init(secondsSince1970 seconds: Int) {
        let number = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        self.init(day: CalendarDay(number: number), second: seconds - number * 86_400)
    }

    /// `yyyy-MM-dd'T'HH:mm`
    init?(_ text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = CalendarDay(String(parts[0])) else { return nil }
        let clock = parts[1].utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard clock.count == 2, let hour = Digits.value(clock[0], 2), hour < 24,
            let minute = Digits.value(clock[1], 2), minute < 60
        else { return nil }
        self.init(day: day, second: (hour * 60 + minute) * 60)
    }

    var secondsSince1970: Int { day.number * 86_400 + second }
    var hour: Int { second / 3_600 }
    var minute: Int { second / 60 % 60 }

    /// `HH:mm`
    var clock: String { "\(Digits.padded(hour, 2)):\(Digits.padded(minute, 2))" }
    /// `yyyy-MM-dd'T'HH:mm`
    var text: String { "\(day.text)T\(clock)" }

    static func < (one: WallTime, other: WallTime) -> Bool { one.secondsSince1970 < other.secondsSince1970 }
}

enum Digits {
    /// The number, if it is written with exactly so many digits.
    static func value(_ text: Substring.UTF8View, _ count: Int) -> Int? {
        guard text.count == count, text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
