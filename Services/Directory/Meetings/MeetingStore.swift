import ParleyProtocol
import Postgres

/// The history of rooms' meetings in PostgreSQL, for those who read it. `MeetingStore+Reports` writes it,
/// `MeetingStore+Sweeping` ends and removes it.
struct MeetingStore: Sendable {
    let pool: PostgresPool
    /// How long an ended meeting is kept; 0: there is no history.
    let days: Int

    /// The newest first.
    func page(of room: RoomID, after cursor: MeetingCursor?, limit: Int) async throws -> MeetingList {
        guard days > 0 else { return MeetingList(items: []) }
        let start: SQL = cursor.map { "and (m.started_at, m.id) < (\($0.startedAt), \($0.id))" } ?? ""
        let rows = try await pool.query(
            """
            select m.id, m.started_at, m.ended_at, m.people, \(Self.isListed) as is_listed
            from meeting m where m.room_id = \(room) \(start)
            order by m.started_at desc, m.id desc limit \(limit + 1)
            """)
        let items = try rows.prefix(limit).map { row in
            MeetingList.Item(
                id: try row.decode("id"), startedAt: try row.decode("started_at"), endedAt: try row.decode("ended_at"),
                people: try row.decode("people"), hasAttendance: try row.decode("is_listed"))
        }
        let next = rows.count > limit ? items.last.map { MeetingCursor(after: $0).text } : nil
        return MeetingList(items: items, nextCursor: next)
    }

    /// Who was there, in the order of their coming; nothing when there is no such meeting, or no list of it.
    func attendance(of meeting: MeetingID, in room: RoomID) async throws -> Attendance? {
        guard days > 0 else { return nil }
        return try await pool.transaction { connection in
            let found = try connection.query(
                """
                select 1 from meeting m where m.room_id = \(room) and m.id = \(meeting) and \(Self.isListed)
                """)
            guard !found.isEmpty else { return nil }
            let rows = try connection.query(
                """
                select name, is_guest, joined_at, left_at from attendance
                where room_id = \(room) and meeting_id = \(meeting) order by joined_at, participant_id
                """)
            return Attendance(
                items: try rows.map { row in
                    Attendance.Item(
                        name: try row.decode("name"), guest: try row.decode("is_guest"),
                        joinedAt: try row.decode("joined_at"), leftAt: try row.decode("left_at"))
                })
        }
    }

    /// The organization of the room allows it, and did then.
    private static var isListed: SQL {
        """
        (m.has_attendance and exists (
            select 1 from room r join organization o on o.id = r.organization_id
            where r.id = m.room_id and o.allows_attendance))
        """
    }
}
