import ParleyProtocol
import Postgres

// What comes with time, by the database's clock. Each call does one batch and answers how many meetings it was.
extension MeetingStore {
    static let batch = 500
    /// After so many seconds without a report a person has left.
    static let silence = Limits.attendanceReport * 3
    /// Reports may come so many hours after the end.
    private static let lateness = 1

    /// Ends what a signaling process that died has left behind.
    func closeSilent() async throws -> Int {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                select m.room_id, m.id from meeting m where m.closed_at is null and exists (
                    select 1 from attendance a where a.room_id = m.room_id and a.meeting_id = m.id and \(Self.isSilent))
                order by m.started_at limit \(Self.batch) for update of m skip locked
                """)
            for row in rows {
                let room: RoomID = try row.decode("room_id")
                let meeting: MeetingID = try row.decode("id")
                try connection.execute(
                    """
                    update attendance a set left_at = greatest(joined_at, seen_at)
                    where room_id = \(room) and meeting_id = \(meeting) and \(Self.isSilent)
                    """)
                try Self.refresh(meeting, in: room, connection)
            }
            return rows.count
        }
    }

    private static var isSilent: SQL {
        "a.left_at is null and a.seen_at < now() - make_interval(secs => \(silence))"
    }

    /// Takes no more reports of meetings that ended a while ago. Of those without list only the number of people stays.
    func settle() async throws -> Int {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                update meeting set is_settled = true where (room_id, id) in (
                    select room_id, id from meeting
                    where not is_settled and closed_at < now() - make_interval(hours => \(Self.lateness))
                    limit \(Self.batch) for update skip locked)
                returning room_id, id, has_attendance
                """)
            for row in rows where try !row.decode("has_attendance", as: Bool.self) {
                let room: RoomID = try row.decode("room_id")
                let meeting: MeetingID = try row.decode("id")
                try connection.execute("delete from attendance where room_id = \(room) and meeting_id = \(meeting)")
            }
            return rows.count
        }
    }

    func removeOld() async throws -> Int {
        let isOld: SQL =
            days > 0 ? "ended_at < now() - make_interval(days => \(days)) and \(TrustedClock.holds)" : "true"
        return try await pool.execute(
            """
            delete from meeting where (room_id, id) in (
                select room_id, id from meeting where \(isOld) limit \(Self.batch) for update skip locked)
            """)
    }
}
