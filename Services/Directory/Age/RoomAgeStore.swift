import ParleyProtocol
import Postgres

/// The end of rooms that nobody uses, in PostgreSQL and by its clock.
///
/// An expired room comes to life again by renewal. It is removed for good only after it was seen expired on `graceDays` days, and days are
/// counted as they pass: one at most for each look. So a clock that is set forward by a year makes rooms look expired for as long as it is
/// wrong, and removes none.
struct RoomAgeStore: Sendable {
    private static let batch = 200

    let pool: PostgresPool
    /// Tells those who were invited to rooms that are removed.
    let appointments: AppointmentStore

    /// Begins another day if one has passed, and notes which rooms are expired.
    func count() async throws {
        try await pool.transaction { connection in
            try connection.execute(
                """
                update sweep_day set day = day + 1, began_at = now(),
                    trusted_on = case when began_at <= now() - make_interval(days => \(TrustedClock.gap))
                        then day + 1 + \(TrustedClock.pause) else trusted_on end
                where began_at <= now() - interval '1 day'
                """)
            // The clock was set back.
            try connection.execute("update sweep_day set began_at = now() where began_at > now()")
            try connection.execute(
                """
                update room set expired_on = (select day from sweep_day)
                where expired_on is null and \(Room.expiry) <= now() and not \(Self.isClosed)
                """)
            // In a disabled organization nobody can renew it.
            try connection.execute(
                """
                update room set expired_on = null
                where expired_on is not null and (\(Room.expiry) > now() or \(Self.isClosed))
                """)
        }
    }

    private static var isClosed: SQL {
        "exists (select 1 from organization o where o.id = organization_id and o.is_disabled)"
    }

    /// Removes rooms whose grace is over. Personal rooms stay.
    /// - Returns: how many were removed.
    func remove(after graceDays: Int) async throws -> Int {
        try await pool.transaction { connection in
            let removed = try appointments.noteRemoval(
                of: """
                    select id from room where not is_personal and \(Room.expiry) <= now()
                        and expired_on <= (select day from sweep_day) - \(graceDays) and \(TrustedClock.holds)
                    order by expired_on limit \(Self.batch) for update skip locked
                    """, connection)
            let rows = try connection.query(
                "delete from room where id = any(\(removed)::uuid[]) returning id, organization_id, name, alias")
            for row in rows {
                let room: RoomID = try row.decode("id")
                try connection.execute("insert into room_ending (room_id) values (\(room)) on conflict do nothing")
                let entry = AuditEntry(
                    action: .roomRemoved, actor: .age, organization: try row.decode("organization_id"), room: room,
                    roomName: try row.decode("name"), detail: ["alias": try row.decode("alias")])
                try AuditStore.record(entry, connection)
            }
            return rows.count
        }
    }

    /// Aliases that are kept from nobody any more.
    func removeFormerAliases() async throws {
        try await pool.execute("delete from former_alias where not \(RoomStore.isKept)")
    }
}
