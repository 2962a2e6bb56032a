import Foundation
import ParleyProtocol
import Postgres

/// What people have set, in PostgreSQL.
struct PersonSettingsStore: Sendable {
    /// People of one answer.
    static let page = 500
    private static let columns: SQL = "account_id, version, state, text, until, in_meetings, is_shown"

    let pool: PostgresPool

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

    /// Sets what a person sets by hand.
    ///
    /// - Returns: everything that is set now.
    /// - Throws: `PostgresError`.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws -> PersonSettings {
        let rows = try await pool.query(
            """
            insert into person (account_id, organization_id, state, text, until)
            values (\(person.account), \(person.organization), \(manual.state), \(manual.text), \(manual.until))
            on conflict (account_id) do update set state = excluded.state, text = excluded.text, until = excluded.until,
                version = person.version + 1, updated_at = now()
            returning \(Self.columns)
            """)
        guard let row = rows.first else { throw PostgresError(.decoding, "The person did not come back.") }
        return try Self.settings(row)
    }

    private static func settings(_ row: PostgresRow) throws -> PersonSettings {
        PersonSettings(
            version: try row.decode("version"),
            manual: ManualPresence(
                state: try row.decode("state"), text: try row.decode("text"), until: try row.decode("until")),
            profile: PresenceProfile(inMeetings: try row.decode("in_meetings"), isShown: try row.decode("is_shown")))
    }
}
