import Foundation
import ParleyProtocol
import Postgres

/// The end of a series as it is kept.
struct ScheduleEnd {
    var day: String?
    var count: Int?
    /// When the last one ends.
    var moment: Date?

    init(_ schedule: Schedule) {
        let recurrence = schedule.repetition?.recurrence
        day = recurrence?.until
        count = recurrence?.count
        moment = schedule.last?.end
    }
}

extension Appointment {
    init(_ row: PostgresRow) throws {
        id = try row.decode("id")
        room = try row.decode("room_id")
        title = try row.decode("title")
        schedule = try Schedule(row)
        invitees = try row.decode("invitees")
        includesPIN = try row.decode("includes_pin")
        language = try row.decode("language")
        sequence = try row.decode("sequence")
        version = try row.decode("version")
        lastEnd = try row.decode("last_end")
        createdAt = try row.decode("created_at")
        updatedAt = try row.decode("updated_at")
        readAt = try row.decode("read_at")
    }
}

extension Schedule {
    fileprivate init(_ row: PostgresRow) throws {
        let start = try row.decode("start_time", as: String.self)
        let end = try row.decode("end_time", as: String.self)
        let zone = try row.decode("time_zone", as: String.self)
        guard let start = WallTime(start), let end = WallTime(end) else {
            throw PostgresError(.decoding, "The times of an appointment can't be read.")
        }
        self.init(start: start, end: end, zone: Zone(stored: zone), repetition: try Repetition(row))
    }
}

extension Repetition {
    /// `nil`: it takes place once.
    fileprivate init?(_ row: PostgresRow) throws {
        guard let frequency = try row.decode("frequency", as: Recurrence.Frequency?.self) else { return nil }
        var end = End.never
        if let count = try row.decode("times", as: Int?.self) { end = .count(count) }
        if let text = try row.decode("until_day", as: String?.self) {
            guard let day = CalendarDay(text) else {
                throw PostgresError(.decoding, "The last day of a series can't be read.")
            }
            end = .day(day)
        }
        self.init(frequency: frequency, end: end)
    }
}
