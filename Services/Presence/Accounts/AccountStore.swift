import ParleyProtocol
import Postgres

/// How far identity's lists were read, and what they said.
struct AccountStore: Sendable {
    /// A list of identity.
    enum List: String {
        case profiles = "presence_profiles"
        case removed = "removed_accounts"
    }

    let pool: PostgresPool

    /// - Throws: `PostgresError`.
    func position(_ list: List) async throws -> Int64 {
        try await pool.query("select position from list_position where list = \(list)").first?.decode("position") ?? 0
    }

    /// Another process may be further already.
    ///
    /// - Throws: `PostgresError`.
    func note(_ position: Int64, _ list: List) async throws {
        try await pool.execute(
            """
            insert into list_position (list, position) values (\(list), \(position))
            on conflict (list) do update set position = greatest(list_position.position, excluded.position)
            """)
    }

    /// Keeps people's choices; those that are others than before are new versions, of which Redis is to be told.
    ///
    /// - Returns: whose are others.
    /// - Throws: `PostgresError`.
    func keep(_ items: [PresenceProfiles.Item]) async throws -> [PersonKey] {
        guard !items.isEmpty else { return [] }
        @Sendable func ids(_ isMeant: (PresenceProfiles.Item) -> Bool) -> [String] {
            items.filter(isMeant).map(\.account.rawValue)
        }
        return try await pool.transaction { connection in
            try Self.lock(connection)
            return try connection.query(
                """
                insert into person (account_id, organization_id, in_meetings, is_shown)
                select account, organization,
                    case when account = any (\(ids { $0.inMeetings == .doNotDisturb })::uuid[]) then 'do_not_disturb' else 'busy' end,
                    account = any (\(ids(\.isShown))::uuid[])
                from unnest(\(items.map(\.account.rawValue))::uuid[], \(items.map(\.organization.rawValue))::uuid[])
                    as page (account, organization)
                where not exists (select 1 from removed_account where account_id = account)
                order by account
                on conflict (account_id) do update
                set in_meetings = excluded.in_meetings, is_shown = excluded.is_shown,
                    version = person.version + 1, is_published = false, updated_at = now()
                where (person.in_meetings, person.is_shown) is distinct from (excluded.in_meetings, excluded.is_shown)
                returning account_id, organization_id
                """
            ).map { PersonKey(organization: try $0.decode("organization_id"), account: try $0.decode("account_id")) }
        }
    }

    /// What is kept of a list and what is removed wait for each other, so that nothing is left of who was removed. Several processes keep
    /// the same page one after the other.
    static func lock(_ connection: isolated PostgresConnection) throws {
        try connection.execute("select pg_advisory_xact_lock(hashtextextended('presence profiles', 0))")
    }

    /// The account keeps nothing, and can't set anything with a token that lives a moment longer.
    ///
    /// - Throws: `PostgresError`.
    func remove(_ account: AccountID) async throws {
        try await pool.transaction { connection in
            try Self.lock(connection)
            try PersonSettingsStore.lock(account, connection)
            try connection.execute(
                "insert into removed_account (account_id) values (\(account)) on conflict do nothing")
            try connection.execute("delete from person where account_id = \(account)")
            // Longer than any token, and any process that is late with a page of choices.
            try connection.execute("delete from removed_account where removed_at < now() - interval '30 days'")
        }
    }
}
