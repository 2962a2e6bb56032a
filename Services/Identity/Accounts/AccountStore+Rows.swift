import Foundation
import ParleyProtocol
import Postgres

// Statements that the changes of accounts share.
extension AccountStore {
    static let columns: StaticString = """
        a.id, a.user_name, a.display_name, a.email, a.language, a.permissions, a.is_enabled, a.origin,
        a.totp_secret is not null as has_second_factor, a.password_expires_at is not null as must_change,
        a.created_at, a.last_sign_in_at, a.version
        """

    static func find(
        _ id: AccountID, in organization: OrganizationID, _ connection: isolated PostgresConnection
    ) throws -> AccountView? {
        try select(id, organization, lock: "", connection)
    }

    /// Nobody else changes it until the end of the transaction. Who takes power away waits for others who do.
    static func lock(
        _ id: AccountID, in organization: OrganizationID, _ connection: isolated PostgresConnection
    ) throws -> AccountView? {
        _ = try connection.query("select 1 from organization where id = \(organization) for update")
        return try select(id, organization, lock: "for update", connection)
    }

    private static func select(
        _ id: AccountID, _ organization: OrganizationID, lock: SQL, _ connection: isolated PostgresConnection
    ) throws -> AccountView? {
        guard UUID(text: id.rawValue) != nil else { return nil }
        return try connection.query(
            """
            select \(raw: columns) from account a where a.id = \(id) and a.organization_id = \(organization) \(lock)
            """
        ).first.map(view)
    }

    static func required(
        _ id: AccountID, in organization: OrganizationID, _ connection: isolated PostgresConnection
    ) throws -> AccountView {
        guard let view = try find(id, in: organization, connection) else {
            throw PostgresError(.decoding, "An account that was just written is not there.")
        }
        return view
    }

    static func isLastAdministrator(
        _ account: AccountView, in organization: OrganizationID, _ connection: isolated PostgresConnection
    ) throws -> Bool {
        guard account.isEnabled, account.permissions.contains(where: \.isAdministrative) else { return false }
        let administrative = Permission.allCases.filter(\.isAdministrative).map(\.rawValue)
        return try connection.query(
            """
            select 1 from account where organization_id = \(organization) and id <> \(account.account)
                and is_enabled and permissions && \(administrative)::text[] limit 1
            """
        ).isEmpty
    }

    static func write(
        _ new: NewAccount, to former: AccountView, _ connection: isolated PostgresConnection
    ) throws {
        let id = former.account
        try connection.execute(
            """
            update account set user_name = \(new.userName), user_name_key = \(LookupKey.fold(new.userName)),
                display_name = \(new.displayName), display_name_key = \(LookupKey.fold(new.displayName)),
                email = \(new.email), language = \(new.language),
                permissions = \(new.permissions.map(\.rawValue)), is_enabled = \(new.isEnabled),
                version = version + 1
            where id = \(id)
            """)
        if Set(new.permissions) != Set(former.permissions) { try renewTokens(of: id, connection) }
        if !new.isEnabled { try connection.execute("delete from session where account_id = \(id)") }
    }

    /// Tokens of before are worth nothing.
    static func renewTokens(of id: AccountID, _ connection: isolated PostgresConnection) throws {
        try connection.execute(
            """
            with changed as (
                update account set generation = generation + 1 where id = \(id) returning id, generation)
            insert into revocation (account_id, generation) select id, generation from changed
            """)
    }

    static func audit(
        _ former: AccountView, _ new: NewAccount, _ organization: OrganizationID, _ actor: AuditActor,
        _ connection: isolated PostgresConnection
    ) throws {
        let detail = differences(former, new)
        var actions: [AuditAction] = detail.isEmpty ? [] : [.accountChanged]
        if former.isEnabled != new.isEnabled { actions.append(new.isEnabled ? .accountEnabled : .accountDisabled) }
        for action in actions {
            let entry = AuditEntry(
                action: action, actor: actor, organization: organization, subject: former.userName,
                subjectAccount: former.account, detail: action == .accountChanged ? detail : [:])
            try AuditStore.record(entry, connection)
        }
    }

    private static func differences(_ old: AccountView, _ new: NewAccount) -> [String: String] {
        var detail: [String: String] = [:]
        func note(_ name: String, _ before: String, _ after: String) {
            if before != after { detail[name] = "\(before) → \(after)" }
        }
        note("userName", old.userName, new.userName)
        note("displayName", old.displayName, new.displayName)
        note("email", old.email ?? "none", new.email ?? "none")
        note("language", old.language?.rawValue ?? "none", new.language?.rawValue ?? "none")
        let (before, after) = (old.permissions, new.permissions)
        note(
            "permissions", before.map(\.rawValue).sorted().joined(separator: ", "),
            after.map(\.rawValue).sorted().joined(separator: ", "))
        return detail
    }

    static func view(_ row: PostgresRow) throws -> AccountView {
        AccountView(
            account: try row.decode("id"), userName: try row.decode("user_name"),
            displayName: try row.decode("display_name"), email: try row.decode("email"),
            language: try row.decode("language", as: String?.self).flatMap(Language.init(rawValue:)),
            // A newer release may know permissions that this one does not.
            permissions: try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:)),
            isEnabled: try row.decode("is_enabled"), origin: try row.decode("origin"),
            hasSecondFactor: try row.decode("has_second_factor"), mustChangePassword: try row.decode("must_change"),
            createdAt: try row.decode("created_at"), lastSignInAt: try row.decode("last_sign_in_at"),
            version: try row.decode("version"))
    }

    /// Says what a violated constraint means.
    static func namingTakenUserName<Value: Sendable>(
        _ account: NewAccount, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.constraint == "account_user_name_taken" {
            throw InputProblem(
                "An account with the user name \(account.userName.debugDescription) exists already in this organization.",
                field: FieldProblem("userName", .taken), code: .userNameTaken)
        }
    }
}
