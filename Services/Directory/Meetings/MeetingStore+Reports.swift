import ParleyProtocol
import Postgres

// What signaling reports.
//
// Reports of several nodes come in any order, twice, or late. So none of them says who is not there: a person is inside from the first
// report that names them until one says that they have left, which only a later coming takes back, or until nobody has named
// them for a while.
extension MeetingStore {
    /// People that are kept of one meeting.
    static let mostPeople = 10_000

    /// - Returns: Whether there is such a room.
    func record(_ news: MeetingNews, in room: RoomID) async throws -> Bool {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                select coalesce(o.allows_attendance, false) as allows from room r
                left join organization o on o.id = r.organization_id where r.id = \(room)
                """)
            guard let row = rows.first else { return false }
            guard days > 0 else { return true }
            let allows: Bool = try row.decode("allows")
            if !news.present.isEmpty { try begin(news, in: room, allows: allows, connection) }
            // From here on the reports of one meeting go one after the other.
            let meeting = try connection.query(
                """
                select has_attendance, is_settled from meeting
                where room_id = \(room) and id = \(news.meeting) for update
                """)
            // Nobody was reported: there is nothing to end.
            guard let state = meeting.first, try !state.decode("is_settled", as: Bool.self) else { return true }
            var keepsNames: Bool = try state.decode("has_attendance")
            if keepsNames, !allows {
                keepsNames = false
                try forgetNames(of: news.meeting, in: room, connection)
            }
            try note(news, in: room, keepsNames: keepsNames, connection)
            try Self.refresh(news.meeting, in: room, connection)
            return true
        }
    }

    private func begin(
        _ news: MeetingNews, in room: RoomID, allows: Bool, _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute(
            """
            insert into meeting (room_id, id, started_at, has_attendance)
            values (\(room), \(news.meeting), least(\(news.startedAt), now()), \(allows)) on conflict do nothing
            """)
    }

    /// The organization does not allow it any more.
    private func forgetNames(
        of meeting: MeetingID, in room: RoomID, _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute(
            "update meeting set has_attendance = false where room_id = \(room) and id = \(meeting)")
        try connection.execute(
            """
            update attendance set name = '', account_id = null where room_id = \(room) and meeting_id = \(meeting)
            """)
    }

    private func note(
        _ news: MeetingNews, in room: RoomID, keepsNames: Bool, _ connection: isolated PostgresConnection
    ) throws {
        if !news.present.isEmpty { try notePresent(news, in: room, keepsNames: keepsNames, connection) }
        if !news.left.isEmpty {
            // What is told goes before what was taken for it because nothing was told. No clock is trusted to be right.
            try connection.execute(
                """
                update attendance a set was_told = true,
                    left_at = greatest(a.joined_at, least(now(), to_timestamp(l.at / 1000.0)))
                from (
                    select participant, max(at) as at from unnest(
                        \(news.left.map(\.participant.rawValue))::text[], \(news.left.map(\.at))::bigint[]
                    ) as told (participant, at) group by participant
                ) as l
                where a.room_id = \(room) and a.meeting_id = \(news.meeting) and not a.was_told
                    and a.participant_id = l.participant
                """)
        }
        if news.isOver {
            // Nodes may say the same of their people later, or that one is still there. The last one has left when it ended.
            let end = news.left.map(\.at).max()
            try connection.execute(
                """
                update attendance set left_at = greatest(joined_at, least(now(), to_timestamp(\(end)::bigint / 1000.0)))
                where room_id = \(room) and meeting_id = \(news.meeting) and left_at is null
                """)
        }
    }

    private func notePresent(
        _ news: MeetingNews, in room: RoomID, keepsNames: Bool, _ connection: isolated PostgresConnection
    ) throws {
        let people = news.present
        try connection.execute(
            """
            insert into attendance as a
                (room_id, meeting_id, participant_id, person, name, account_id, is_guest, joined_at)
            select m.room_id, m.id, p.participant,
                case when p.account = '' then p.participant
                    else encode(sha256(convert_to(m.room_id || ' ' || m.id || ' ' || p.account, 'UTF8')), 'hex') end,
                case when \(keepsNames) and r.account_id is null then p.name else '' end,
                case when \(keepsNames) and r.account_id is null then nullif(p.account, '')::uuid end,
                p.account = '', greatest(m.started_at, least(now(), to_timestamp(p.joined / 1000.0)))
            from meeting m, unnest(
                \(people.map(\.participant.rawValue))::text[], \(people.map(\.name))::text[],
                \(people.map { $0.account?.rawValue.lowercased() ?? "" })::text[], \(people.map(\.joinedAt))::bigint[]
            ) as p (participant, name, account, joined)
            -- A report may come later than the end of the account.
            left join removed_account r on r.account_id = nullif(p.account, '')::uuid
            where m.room_id = \(room) and m.id = \(news.meeting)
                and (select count(*) from attendance where room_id = m.room_id and meeting_id = m.id)
                    < \(Self.mostPeople)
            on conflict (room_id, meeting_id, participant_id) do update
            set name = excluded.name, account_id = excluded.account_id, is_guest = excluded.is_guest,
                person = excluded.person, joined_at = greatest(a.joined_at, excluded.joined_at), seen_at = now(),
                left_at = null, was_told = false
            where not a.was_told or excluded.joined_at > a.joined_at
            """)
    }

    /// Counts the people, and sees whether anybody is inside.
    static func refresh(
        _ meeting: MeetingID, in room: RoomID, _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute(
            """
            update meeting m set people = a.people,
                ended_at = case when a.inside = 0 then greatest(m.started_at, a.last_left) end,
                closed_at = case when a.inside = 0 then coalesce(m.closed_at, now()) end
            from (
                select count(distinct person) as people, count(*) filter (where left_at is null) as inside,
                    max(left_at) as last_left
                from attendance where room_id = \(room) and meeting_id = \(meeting)) a
            where m.room_id = \(room) and m.id = \(meeting)
            """)
    }
}
