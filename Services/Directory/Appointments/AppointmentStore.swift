import Logging
import ParleyProtocol
import Postgres
import ServiceKit

/// Appointments in PostgreSQL.
///
/// Whoever calls has seen that the person manages the room; only the appointments of that room are found.
struct AppointmentStore: Sendable {
    let pool: PostgresPool
    let notices: any AppointmentNotices
    var reader = AppointmentReader(logger: Logger(label: "directory"))

    /// What became of a change that asked for a version.
    enum Change: Sendable {
        case done(Appointment)
        case noSuchAppointment
        case otherVersion
    }

    /// The room has as many as it may have, and none of them is over.
    struct LimitReached: Error {}
    /// The room was deleted in the meantime.
    struct NoSuchRoom: Error {}

    static let columns: SQL =
        """
        id, room_id, title, start_time, end_time, time_zone, frequency, until_day, times, invitees, includes_pin, language,
        sequence, version, last_end, created_at, updated_at, now() as read_at
        """

    // MARK: Reading

    func appointments(of room: RoomID) async throws -> [Appointment] {
        reader.appointments(
            try await pool.query("select \(Self.columns) from appointment where room_id = \(room)"))
    }

    func appointment(_ id: AppointmentID, of room: RoomID) async throws -> Appointment? {
        reader.appointments(
            try await pool.query("select \(Self.columns) from appointment where id = \(id) and room_id = \(room)")
        ).first
    }

    /// The next time at which people meet in each of the rooms; also one that has begun.
    func next(of rooms: [RoomID]) async throws -> [RoomID: Occurrence] {
        guard !rooms.isEmpty else { return [:] }
        let rows = try await pool.query(
            """
            select \(Self.columns) from appointment
            where room_id = any(\(rooms.map(\.rawValue))::uuid[]) and (last_end is null or last_end > now())
            """)
        return reader.appointments(rows).reduce(into: [:]) { next, appointment in
            guard let occurrence = appointment.next else { return }
            if let other = next[appointment.room], other.start <= occurrence.start { return }
            next[appointment.room] = occurrence
        }
    }

    // MARK: Changing

    /// - Throws: `LimitReached`; `NoSuchRoom`; `PostgresError`.
    func create(
        _ id: AppointmentID, in room: Room, content: AppointmentContent, by account: AccessClaims
    ) async throws -> Appointment {
        try await pool.transaction { connection in
            // Held, so that two at once don't both take the last place.
            guard let room = try Room.held(room.id, connection) else { throw NoSuchRoom() }
            try makePlace(in: room.id, connection)
            let (schedule, end) = (content.schedule, ScheduleEnd(content.schedule))
            let rows = try connection.query(
                """
                insert into appointment (id, room_id, title, start_time, end_time, time_zone, frequency, until_day, times,
                    invitees, includes_pin, language, last_end)
                values (\(id), \(room.id), \(content.title ?? room.name), \(schedule.start.text), \(schedule.end.text),
                    \(schedule.zone.name), \(schedule.repetition?.frequency), \(end.day), \(end.count),
                    \(content.invitees), \(content.includesPIN), \(content.language), \(end.moment))
                returning \(Self.columns)
                """)
            guard let appointment = try rows.first.map(Appointment.init) else {
                throw PostgresError(.decoding, "The new appointment did not come back.")
            }
            try notices.note([AppointmentChange(room: room, by: account, before: nil, after: appointment)], connection)
            return appointment
        }
    }

    func change(
        _ id: AppointmentID, in room: Room, wanted: WantedVersion, content: AppointmentContent, by account: AccessClaims
    ) async throws -> Change {
        try await pool.transaction { connection in
            guard let room = try Room.held(room.id, connection), let before = try held(id, room.id, connection) else {
                return .noSuchAppointment
            }
            guard wanted.allows(before.version) else { return .otherVersion }
            var after = before
            after.title = content.title ?? room.name
            after.schedule = content.schedule
            after.includesPIN = content.includesPIN
            after.invitees = content.invitees
            let sequence = before.sequence + (after.needsNewSequence(after: before) ? 1 : 0)
            let (schedule, end) = (content.schedule, ScheduleEnd(content.schedule))
            let rows = try connection.query(
                """
                update appointment set title = \(after.title), start_time = \(schedule.start.text),
                    end_time = \(schedule.end.text), time_zone = \(schedule.zone.name),
                    frequency = \(schedule.repetition?.frequency), until_day = \(end.day), times = \(end.count),
                    invitees = \(content.invitees), includes_pin = \(content.includesPIN),
                    language = \(content.language), last_end = \(end.moment), sequence = \(sequence),
                    version = version + 1, updated_at = now()
                where id = \(id) returning \(Self.columns)
                """)
            guard let after = try rows.first.map(Appointment.init) else { return .noSuchAppointment }
            try notices.note([AppointmentChange(room: room, by: account, before: before, after: after)], connection)
            return .done(after)
        }
    }

    func delete(
        _ id: AppointmentID, in room: Room, wanted: WantedVersion, by account: AccessClaims
    ) async throws -> Change {
        try await pool.transaction { connection in
            guard let room = try Room.held(room.id, connection), let before = try held(id, room.id, connection) else {
                return .noSuchAppointment
            }
            guard wanted.allows(before.version) else { return .otherVersion }
            try connection.execute("delete from appointment where id = \(id)")
            try notices.note([AppointmentChange(room: room, by: account, before: before, after: nil)], connection)
            return .done(before)
        }
    }

    // MARK: Parts

    private func held(
        _ id: AppointmentID, _ room: RoomID, _ connection: isolated PostgresConnection
    ) throws -> Appointment? {
        reader.appointments(
            try connection.query(
                "select \(Self.columns) from appointment where id = \(id) and room_id = \(room) for update")
        ).first
    }

    /// Gives up those that are over, the oldest first, as far as it is needed.
    private func makePlace(in room: RoomID, _ connection: isolated PostgresConnection) throws {
        let rows = try connection.query("select count(*) as count from appointment where room_id = \(room)")
        let count = try rows.first?.decode("count", as: Int.self) ?? 0
        let excess = count - Limits.appointmentsPerRoom + 1
        guard excess > 0 else { return }
        let removed = try connection.execute(
            """
            delete from appointment where id in
                (select id from appointment where room_id = \(room) and last_end < now() order by last_end
                 limit \(excess))
            """)
        guard removed == excess else { throw LimitReached() }
    }
}
