import Foundation
import ParleyProtocol
import Postgres

/// Sessions in PostgreSQL. When a session ends is decided by the database's clock alone.
///
/// A trigger tells other services of every session that ends before its time.
struct SessionStore: Sendable {
    /// How a session begins.
    struct Beginning: Sendable {
        var account: AccountID
        var stayLoggedIn: Bool
        var agent: UserAgent
        /// The address it comes from.
        var source: String
        /// Of the session that the browser has so far; it ends.
        var former: SessionToken?
        /// Of the password that was right; nothing when it was none of Parley's own.
        var passwordGeneration: Int?
        /// Whether it was found that none is needed.
        var withoutSecondFactor = false
    }

    enum Outcome: Sendable {
        case begun(Session)
        /// The account or its organization is gone or disabled by now.
        case disabled
        /// The account has got another password in the meantime.
        case otherPassword
        /// A second factor was set up, or is demanded, in the meantime.
        case secondFactorNeeded
    }

    private static let sweepBatch = 1_000
    /// Seconds. Not every request writes.
    private static let lastUsePrecision = 60

    let pool: PostgresPool

    /// Begins a session and ends the one that the browser had before, or leaves everything as it is.
    func begin(_ token: SessionToken, _ beginning: Beginning) async throws -> Outcome {
        let id = UUID()
        let (account, lifetime) = (beginning.account, Session.lifetime(stayLoggedIn: beginning.stayLoggedIn))
        return try await pool.transaction { connection in
            // Who disables or deletes it, or sets another password, waits, and ends this session too. Organization, account,
            // session: everybody locks in this order.
            let organizations = try connection.query(
                """
                select second_factor = 'required' as is_demanded from organization
                where id = (select organization_id from account where id = \(account)) and is_enabled for share
                """)
            let accounts = try connection.query(
                """
                select password_generation, totp_secret is not null as is_there from account
                where id = \(account) and is_enabled for no key update
                """)
            guard let organization = organizations.first, let row = accounts.first else { return .disabled }
            let generation: Int = try row.decode("password_generation")
            guard beginning.passwordGeneration == nil || beginning.passwordGeneration == generation else {
                return .otherPassword
            }
            if beginning.withoutSecondFactor,
                try organization.decode("is_demanded", as: Bool.self) || row.decode("is_there", as: Bool.self)
            {
                return .secondFactorNeeded
            }
            try connection.execute("update account set last_sign_in_at = now() where id = \(account)")
            if let former = beginning.former {
                try connection.execute("delete from session where token_digest = \(former.digest)")
            }
            try connection.execute(
                """
                insert into session (id, account_id, token_digest, stay_logged_in, expires_at, browser, system, source)
                values (\(id), \(account), \(token.digest), \(beginning.stayLoggedIn),
                    now() + make_interval(secs => \(lifetime)), \(beginning.agent.browser),
                    \(beginning.agent.system), \(beginning.source))
                """)
            try connection.execute(
                """
                delete from session where account_id = \(account) and id in
                    (select id from session where account_id = \(account)
                     order by created_at desc, id offset \(Limits.sessionsPerAccount))
                """)
            let begun = try connection.query("\(Self.selection) and s.token_digest = \(token.digest)").first
            guard let begun else { throw PostgresError(.decoding, "A session that was just written is not there.") }
            return .begun(try Self.session(begun))
        }
    }

    /// - Returns: nil when there is no such session, it is over, or the account or organization is disabled.
    func find(_ token: SessionToken) async throws -> Session? {
        try await pool.query("\(Self.selection) and s.token_digest = \(token.digest)").first.map(Self.session)
    }

    /// The session that an access token was made in, as it is now.
    func find(_ id: SessionID) async throws -> Session? {
        guard let uuid = UUID(text: id.rawValue) else { return nil }
        return try await pool.query("\(Self.selection) and s.id = \(uuid)").first.map(Self.session)
    }

    func noteUse(of id: SessionID) async throws {
        try await pool.execute(
            """
            update session set last_used_at = now()
            where id = \(id) and last_used_at < now() - make_interval(secs => \(Self.lastUsePrecision))
            """)
    }

    /// Those that go on, the one used last first.
    func list(of account: AccountID, current: SessionID?) async throws -> [SessionList.Item] {
        try await pool.query(
            """
            select id, created_at, last_used_at, expires_at, stay_logged_in, browser, system, source from session
            where account_id = \(account) and expires_at > now() order by last_used_at desc, created_at desc, id
            """
        ).map { row in
            let id: SessionID = try row.decode("id")
            return SessionList.Item(
                session: id, createdAt: try row.decode("created_at"), lastUsedAt: try row.decode("last_used_at"),
                expiresAt: try row.decode("expires_at"), stayLoggedIn: try row.decode("stay_logged_in"),
                browser: try row.decode("browser"), system: try row.decode("system"),
                source: try row.decode("source"), isCurrent: id == current)
        }
    }

    func end(_ token: SessionToken) async throws {
        try await pool.execute("delete from session where token_digest = \(token.digest)")
    }

    /// - Returns: whether the account had it.
    func end(_ id: SessionID, of account: AccountID) async throws -> Bool {
        guard let uuid = UUID(text: id.rawValue) else { return false }
        return try await pool.execute("delete from session where id = \(uuid) and account_id = \(account)") == 1
    }

    /// - Returns: how many there were.
    @discardableResult
    func endAll(of account: AccountID, but kept: SessionID?) async throws -> Int {
        try await pool.execute(
            "delete from session where account_id = \(account) and id is distinct from \(kept)::uuid")
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

    /// Sessions that go on, of accounts and organizations that are enabled. More conditions may follow.
    private static var selection: SQL {
        """
        select s.id, s.expires_at, s.stay_logged_in, a.id as account_id, a.user_name, a.display_name, a.permissions,
            a.generation, o.id as organization_id, o.ucsid, o.name, o.room_creators
        from session s join account a on a.id = s.account_id join organization o on o.id = a.organization_id
        where s.expires_at > now() and a.is_enabled and o.is_enabled
        """
    }

    private static func session(_ row: PostgresRow) throws -> Session {
        let organization = Organization(
            id: try row.decode("organization_id"), ucsid: try row.decode("ucsid"), name: try row.decode("name"))
        // A newer release may know permissions that this one does not.
        var permissions = try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:))
        let creators: RoomCreators = try row.decode("room_creators")
        if creators == .everyone, !permissions.contains(.createRooms) { permissions.append(.createRooms) }
        let account = Account(
            id: try row.decode("account_id"), organization: organization, userName: try row.decode("user_name"),
            displayName: try row.decode("display_name"), permissions: permissions,
            generation: try row.decode("generation"))
        return Session(
            id: try row.decode("id"), account: account, expiresAt: try row.decode("expires_at"),
            stayLoggedIn: try row.decode("stay_logged_in"))
    }
}
