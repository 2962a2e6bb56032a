import Foundation
import ParleyProtocol
import Postgres

/// Sessions in PostgreSQL. When a session ends is decided by the database's clock alone.
struct SessionStore: Sendable {
    private static let sweepBatch = 1_000

    let pool: PostgresPool

    /// Begins a session and ends the one that the browser had before.
    /// - Returns: nil when the account or its organization is gone or disabled by now.
    func begin(
        _ token: SessionToken, account: AccountID, stayLoggedIn: Bool, replacing former: SessionToken?
    ) async throws -> Session? {
        let id = UUID()
        let lifetime = Session.lifetime(stayLoggedIn: stayLoggedIn)
        return try await pool.transaction { connection in
            if let former { try connection.execute("delete from session where token_digest = \(former.digest)") }
            try connection.execute(
                """
                insert into session (id, account_id, token_digest, stay_logged_in, expires_at)
                values (\(id), \(account), \(token.digest), \(stayLoggedIn), now() + make_interval(secs => \(lifetime)))
                """)
            return try connection.query(Self.selection(token)).first.map(Self.session)
        }
    }

    /// - Returns: nil when there is no such session, it is over, or the account or organization is disabled.
    func find(_ token: SessionToken) async throws -> Session? {
        try await pool.query(Self.selection(token)).first.map(Self.session)
    }

    /// Whether a session that an access token was made in goes on: as `find` decides it.
    func isOpen(_ id: SessionID) async throws -> Bool {
        guard let uuid = UUID(uuidString: id.rawValue) else { return false }
        return try await !pool.query("select 1 from \(Self.open) and s.id = \(uuid)").isEmpty
    }

    func end(_ token: SessionToken) async throws {
        try await pool.execute("delete from session where token_digest = \(token.digest)")
    }

    /// Removes sessions that are over.
    /// - Returns: how many there were.
    func removeExpired() async throws -> Int {
        var total = 0
        while !Task.isCancelled {
            // In portions, so that no statement holds many rows or takes long.
            let removed = try await pool.execute(
                """
                delete from session where id in
                    (select id from session where expires_at <= now() limit \(Self.sweepBatch) for update skip locked)
                """)
            total += removed
            if removed < Self.sweepBatch { break }
        }
        return total
    }

    private static func selection(_ token: SessionToken) -> SQL {
        """
        select s.id, s.expires_at, s.stay_logged_in, a.id as account_id, a.user_name, a.display_name, a.permissions,
            o.id as organization_id, o.ucsid, o.name
        from \(Self.open) and s.token_digest = \(token.digest)
        """
    }

    /// What stands after `from`: sessions that go on, of accounts and organizations that are enabled.
    private static var open: SQL {
        """
        session s join account a on a.id = s.account_id join organization o on o.id = a.organization_id
        where s.expires_at > now() and a.is_enabled and o.is_enabled
        """
    }

    private static func session(_ row: PostgresRow) throws -> Session {
        let organization = Organization(
            id: try row.decode("organization_id"), ucsid: try row.decode("ucsid"), name: try row.decode("name"))
        // A newer release may know permissions that this one does not.
        let permissions = try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:))
        let account = Account(
            id: try row.decode("account_id"), organization: organization, userName: try row.decode("user_name"),
            displayName: try row.decode("display_name"), permissions: permissions)
        return Session(
            id: try row.decode("id"), account: account, expiresAt: try row.decode("expires_at"),
            stayLoggedIn: try row.decode("stay_logged_in"))
    }
}
