import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Accounts in PostgreSQL, as administrators see and change them.
struct AccountStore: Sendable {
    enum Change: Sendable {
        case done(AccountView)
        case otherVersion
        case noSuchAccount
        /// Nobody would be left who could undo it.
        case lastAdministrator
        /// Only a system administrator changes a system administrator.
        case notAllowed
        /// Power would change hands, and the own password was not shown.
        case passwordNeeded
    }

    /// How a stored password came to be.
    enum PasswordKind: Sendable {
        /// Chosen by the person, or by an operator.
        case chosen
        /// Opens the account once, within `Limits.oneTimePassword`.
        case oneTime
    }

    let pool: PostgresPool

    // MARK: Reading

    func find(_ id: AccountID, in organization: OrganizationID) async throws -> AccountView? {
        try await pool.withConnection { connection in try Self.find(id, in: organization, connection) }
    }

    /// By user name, whatever the case.
    func find(userName: String, in organization: OrganizationID) async throws -> AccountView? {
        let key = LookupKey.fold(NameRules.tidy(userName))
        return try await pool.query(
            """
            select \(raw: Self.columns) from account a
            where a.organization_id = \(organization) and a.user_name_key = \(key)
            """
        ).first.map(Self.view)
    }

    /// By display name.
    /// - Parameters:
    ///   - search: part of a user name, display name or e-mail address; all when empty.
    ///   - limit: at least 1.
    func page(
        of organization: OrganizationID, search: String, after cursor: ColleagueCursor?, limit: Int
    ) async throws -> AccountList {
        let key = LookupKey.fold(NameRules.tidy(search))
        let rows = try await pool.query(
            """
            select \(raw: Self.columns), a.display_name_key from account a
            where a.organization_id = \(organization)
                and (\(key.isEmpty) or position(\(key) in a.user_name_key) > 0
                    or position(\(key) in a.display_name_key) > 0 or position(\(key) in lower(a.email)) > 0)
                and (\(cursor == nil)
                    or (a.display_name_key, a.id) > (\(cursor?.name ?? ""), \(cursor?.account ?? UUID())))
            order by a.display_name_key, a.id limit \(limit + 1)
            """)
        let shown = rows.prefix(limit)
        let items = try shown.map(Self.view)
        guard rows.count > limit, let last = shown.last else { return AccountList(items: items) }
        let next = ColleagueCursor(name: try last.decode("display_name_key"), account: try last.decode("id"))
        return AccountList(items: items, nextCursor: try next.text)
    }

    // MARK: Changing

    /// - Parameter password: nothing for an account whose password is kept elsewhere.
    /// - Throws: `InputProblem` when the user name is taken.
    @discardableResult
    func add(
        _ account: NewAccount, password: PasswordHash?, kind: PasswordKind = .chosen, origin: AccountOrigin = .local,
        to organization: OrganizationID, by actor: AuditActor
    ) async throws -> AccountView {
        try await Self.namingTakenUserName(account) {
            try await pool.transaction { connection in
                try Self.add(
                    account, password: password, kind: kind, origin: origin, to: organization, by: actor, connection)
            }
        }
    }

    static func add(
        _ account: NewAccount, password: PasswordHash?, kind: PasswordKind, origin: AccountOrigin,
        to organization: OrganizationID, by actor: AuditActor, _ connection: isolated PostgresConnection
    ) throws -> AccountView {
        let id = AccountID(UUID().uuidString.lowercased())
        try connection.execute(
            """
            insert into account (id, organization_id, user_name, user_name_key, display_name, display_name_key,
                email, language, permissions, is_enabled, password_hash, password_expires_at, origin)
            values (\(id), \(organization), \(account.userName), \(LookupKey.fold(account.userName)),
                \(account.displayName), \(LookupKey.fold(account.displayName)), \(account.email),
                \(account.language), \(account.permissions.map(\.rawValue)), \(account.isEnabled),
                \(password?.text ?? ""), \(kind.expiry), \(origin))
            """)
        let entry = AuditEntry(
            action: .accountAdded, actor: actor, organization: organization, subject: account.userName,
            subjectAccount: id, detail: ["permissions": account.permissions.map(\.rawValue).joined(separator: ", ")])
        try AuditStore.record(entry, connection)
        return try required(id, in: organization, connection)
    }

    /// New permissions count at once: tokens of before are worth nothing. Disabling ends the sessions.
    /// - Throws: `InputProblem` when the user name is taken.
    func change(
        _ id: AccountID, in organization: OrganizationID, wanted: WantedVersion, to draft: NewAccount,
        by authority: Authority
    ) async throws -> Change {
        try await Self.namingTakenUserName(draft) {
            try await pool.transaction { connection in
                guard let former = try Self.lock(id, in: organization, connection) else { return .noSuchAccount }
                guard wanted.allows(former.version) else { return .otherVersion }
                guard authority.mayChange(former.permissions, to: draft.permissions) else { return .notAllowed }
                let losesPower =
                    !draft.isEnabled || !draft.permissions.contains(where: \.isAdministrative)
                if try losesPower && Self.isLastAdministrator(former, in: organization, connection),
                    !authority.isOperator
                {
                    return .lastAdministrator
                }
                guard !authority.lacksProof(former.permissions, to: draft.permissions) else { return .passwordNeeded }
                try Self.write(draft, to: former, connection)
                try Self.audit(former, draft, organization, authority.actor, connection)
                return .done(try Self.required(id, in: organization, connection))
            }
        }
    }

    /// All its sessions but `kept` end.
    /// - Parameter generation: of the password that it takes the place of; nothing for any.
    /// - Returns: `otherVersion` when the account has got another password since.
    func setPassword(
        of id: AccountID, in organization: OrganizationID, to password: PasswordHash, kind: PasswordKind,
        replacing generation: Int? = nil, keeping kept: SessionID? = nil, by authority: Authority
    ) async throws -> Change {
        try await pool.transaction { connection in
            guard let former = try Self.lock(id, in: organization, connection) else { return .noSuchAccount }
            guard authority.mayChange(former.permissions, to: former.permissions) else { return .notAllowed }
            if let generation {
                let present = try connection.query(
                    "select 1 from account where id = \(id) and password_generation = \(generation)")
                guard !present.isEmpty else { return .otherVersion }
            }
            try Self.setPassword(
                of: former, in: organization, to: password, kind: kind, by: authority.actor, connection)
            try connection.execute(
                "delete from session where account_id = \(id) and id is distinct from \(kept)::uuid")
            return .done(try Self.required(id, in: organization, connection))
        }
    }

    static func setPassword(
        of account: AccountView, in organization: OrganizationID, to password: PasswordHash, kind: PasswordKind,
        by actor: AuditActor, _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute(
            """
            update account set password_hash = \(password.text), password_expires_at = \(kind.expiry),
                password_generation = password_generation + 1, version = version + 1
            where id = \(account.account)
            """)
        let action: AuditAction =
            switch kind {
            case .chosen: .passwordChanged
            case .oneTime: .oneTimePassword
            }
        let entry = AuditEntry(
            action: action, actor: actor, organization: organization, subject: account.userName,
            subjectAccount: account.account)
        try AuditStore.record(entry, connection)
    }

    /// With everything that identity keeps about the person; only the audit still names the account.
    func delete(
        _ id: AccountID, in organization: OrganizationID, wanted: WantedVersion, by authority: Authority
    ) async throws -> Change {
        try await pool.transaction { connection in
            guard let former = try Self.lock(id, in: organization, connection) else { return .noSuchAccount }
            guard wanted.allows(former.version) else { return .otherVersion }
            guard authority.mayChange(former.permissions, to: []) else { return .notAllowed }
            if try Self.isLastAdministrator(former, in: organization, connection), !authority.isOperator {
                return .lastAdministrator
            }
            try connection.execute("delete from account where id = \(id)")
            let entry = AuditEntry(
                action: .accountDeleted, actor: authority.actor, organization: organization,
                subject: former.userName, subjectAccount: id)
            try AuditStore.record(entry, connection)
            return .done(former)
        }
    }

    /// Guesses are counted for each password; this begins anew with the same one. A sign-in under way has to be tried again.
    func forgetGuesses(at account: AccountID) async throws {
        try await pool.execute("update account set password_generation = password_generation + 1 where id = \(account)")
    }

    /// Stores a password's new hash, unless the password was changed in the meantime.
    func replacePassword(of account: AccountID, _ old: PasswordHash, by new: PasswordHash) async throws {
        try await pool.execute(
            "update account set password_hash = \(new.text) where id = \(account) and password_hash = \(old.text)")
    }
}

extension AccountStore.PasswordKind {
    fileprivate var expiry: SQL {
        switch self {
        case .chosen: "null"
        case .oneTime: "now() + make_interval(secs => \(Limits.oneTimePassword))"
        }
    }
}
