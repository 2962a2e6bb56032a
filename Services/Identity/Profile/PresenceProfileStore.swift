import ParleyProtocol
import Postgres

/// What people chose about their presence, in the order of their changes; triggers number them. Who is disabled is shown to nobody.
struct PresenceProfileStore: Sendable {
    let pool: PostgresPool

    /// Nothing is missed by asking after the last position: of two changes the one that is committed later has the higher one.
    /// - Parameter limit: at least 1.
    func page(after position: Int64, limit: Int = 500) async throws -> PresenceProfiles {
        let rows = try await pool.query(
            """
            select c.position, a.id, a.organization_id, a.presence_in_meetings,
                a.shows_presence and a.is_enabled as is_shown
            from presence_profile_change c join account a on a.id = c.account_id
            where c.position > \(position) order by c.position limit \(limit)
            """)
        return PresenceProfiles(
            items: try rows.map { row in
                PresenceProfiles.Item(
                    account: try row.decode("id"), organization: try row.decode("organization_id"),
                    inMeetings: try row.decode("presence_in_meetings"), isShown: try row.decode("is_shown"))
            },
            position: try rows.last?.decode("position", as: Int64.self) ?? position, hasMore: rows.count == limit)
    }
}
