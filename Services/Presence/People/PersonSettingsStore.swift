import Foundation
import ParleyProtocol
import Postgres

/// What people have set, in PostgreSQL.
///
/// Each change makes a new version, which is not published until `notePublished` says that Redis knows it.
struct PersonSettingsStore: Sendable {
    /// People of one answer.
    static let page = 500
    private static let columns: SQL = "account_id, organization_id, version, state, text, until, in_meetings, is_shown"

    let pool: PostgresPool

    // MARK: Reading

    /// Of one person; the usual ones for who has never changed anything.
    ///
    /// - Throws: `PostgresError`.
    func settings(of person: PersonKey) async throws -> PersonSettings {
        try await pool.query(
            """
            select \(Self.columns) from person
            where account_id = \(person.account) and organization_id = \(person.organization)
            """
        ).first.map(Self.settings) ?? PersonSettings()
    }

    /// Of all in an organization who have changed anything, one page, by account.
    ///
    /// - Throws: `PostgresError`.
    func settings(
        in organization: OrganizationID, after account: AccountID?
    ) async throws -> [(account: AccountID, settings: PersonSettings)] {
        let start: SQL = account.map { "and account_id > \($0)" } ?? ""
        return try await pool.query(
            """
            select \(Self.columns) from person where organization_id = \(organization) \(start)
            order by account_id limit \(Self.page)
            """
        ).map { (try $0.decode("account_id"), try Self.settings($0)) }
    }

    /// Of those who have changed something of which Redis was not told, one page.
    ///
    /// - Throws: `PostgresError`.
    func unpublished() async throws -> [(person: PersonKey, settings: PersonSettings)] {
        // A moment is left to who makes the change.
        try await pool.query(
            """
            select \(Self.columns) from person where not is_published and updated_at < now() - interval '1 second'
            order by updated_at limit \(Self.page)
            """
        ).map { row in
            let person = PersonKey(
                organization: try row.decode("organization_id"), account: try row.decode("account_id"))
            return (person, try Self.settings(row))
        }
    }

    // MARK: Changing

    /// Sets what a person sets by hand.
    ///
    /// - Returns: everything that is set now; nothing for an account that was deleted.
    /// - Throws: `PostgresError`.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws -> PersonSettings? {
        try await pool.transaction { connection in
            try Self.lock(person.account, connection)
            return try connection.query(
                """
                insert into person (account_id, organization_id, state, text, until)
                select \(person.account)::uuid, \(person.organization)::uuid, \(manual.state), \(manual.text),
                    \(manual.until)::timestamptz
                where not exists (select 1 from removed_account where account_id = \(person.account))
                on conflict (account_id) do update set state = excluded.state, text = excluded.text,
                    until = excluded.until, version = person.version + 1, is_published = false, updated_at = now()
                returning \(Self.columns)
                """
            ).first.map(Self.settings)
        }
    }

    /// Setting and removing wait for each other, so that nothing is left of who was removed.
    static func lock(_ account: AccountID, _ connection: isolated PostgresConnection) throws {
        try connection.execute("select pg_advisory_xact_lock(hashtextextended(\(account), 0))")
    }

    /// Redis knows this version. A newer one stays to be told.
    ///
    /// - Throws: `PostgresError`.
    func notePublished(_ person: PersonKey, version: Int64) async throws {
        try await pool.execute(
            "update person set is_published = true where account_id = \(person.account) and version = \(version)")
    }

    private static func settings(_ row: PostgresRow) throws -> PersonSettings {
        PersonSettings(
            version: try row.decode("version"),
            manual: ManualPresence(
                state: try row.decode("state"), text: try row.decode("text"), until: try row.decode("until")),
            profile: PresenceProfile(inMeetings: try row.decode("in_meetings"), isShown: try row.decode("is_shown")))
    }
}
