import Foundation

/// Times as PostgreSQL writes them with `DateStyle=ISO` and `TimeZone=UTC`: `2026-07-27 10:00:00.123456+00`.
///
/// Written by hand because Foundation's styles round to milliseconds, and a cursor over times must be exact.
enum PostgresTime {
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    /// Years 1 to 9999, in seconds since 1970.
    private static let range = -62_135_596_800.0..<253_402_300_800.0

    static func text(_ date: Date) -> String? {
        let seconds = date.timeIntervalSince1970
        guard range.contains(seconds) else { return nil }
        // Seconds since 2001 are what a `Date` stores: one rounding less than from 1970.
        let microseconds = Int64((date.timeIntervalSinceReferenceDate * 1e6).rounded()) + epochDifference
        let days = floorDivide(microseconds, microsecondsPerDay)
        let rest = microseconds - days * microsecondsPerDay
        let (year, month, day) = civil(fromDays: days)
        let second = rest / 1_000_000
        return [
            padded(year, 4), "-", padded(month, 2), "-", padded(day, 2), " ", padded(second / 3_600, 2), ":",
            padded(second / 60 % 60, 2), ":", padded(second % 60, 2), ".", padded(rest % 1_000_000, 6), "+00",
        ].joined()
    }

    /// Reads `timestamptz`, `timestamp` (taken as UTC) and `date` (midnight UTC); not `infinity` or years before 1.
    static func date(_ text: String) -> Date? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            (1...12).contains(month), reader.skip("-"), let day = reader.number(digits: 2), (1...31).contains(day)
        else { return nil }
        var microseconds = days(fromCivil: year, month, day) * microsecondsPerDay
        if !reader.isAtEnd {
            guard reader.skip(" "), let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
                let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
                let second = reader.number(digits: 2), second < 60
            else { return nil }
            microseconds += ((hour * 60 + minute) * 60 + second) * 1_000_000
            if reader.skip(".") {
                guard let fraction = reader.fraction() else { return nil }
                microseconds += fraction
            }
            if !reader.isAtEnd {
                guard reader.skip("+"), reader.number(digits: 2) == 0, reader.isAtEnd else { return nil }
            }
        }
        return Date(timeIntervalSinceReferenceDate: Double(microseconds - epochDifference) / 1e6)
    }

    /// Microseconds from 1970 to 2001.
    private static let epochDifference: Int64 = 978_307_200_000_000

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        a >= 0 ? a / b : -((b - 1 - a) / b)
    }

    // Gregorian calendar in eras of 400 years that begin in March, so that the leap day is the last of its year.

    private static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func number(digits: Int) -> Int64? {
            guard bytes.count - position >= digits else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + digits] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            position += digits
            return value
        }

        /// One to six digits, as microseconds.
        mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var count = 0
            while count < 6, let digit = number(digits: 1) {
                value = value * 10 + digit
                count += 1
            }
            guard count > 0 else { return nil }
            for _ in count..<6 { value *= 10 }
            return value
        }
    }
}
