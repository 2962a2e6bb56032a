import Foundation
import ParleyProtocol
import Postgres

/// A person as a directory or a provider tells of them.
struct ExternalPerson: Sendable {
    /// What the connection knows the person by, for ever.
    var subject: String
    var userName: String
    var displayName: String?
    var email: String?
    /// Nothing where permissions are given in Parley.
    var permissions: [Permission]?
}

/// Finds the account of a person who comes from a connection, and makes one at the first time. One person is one account,
/// whichever way they come.
struct ExternalAccounts: Sendable {
    /// The person can have no account here.
    struct Declined: Error, CustomStringConvertible {
        let description: String
    }

    let pool: PostgresPool

    /// What the connection tells is taken over, where the account is one of its kind.
    /// - Throws: `Declined`, or the database's error.
    func account(of person: ExternalPerson, from source: SignInConnection) async throws -> AccountID {
        do {
            return try await pool.transaction { connection in try Self.resolve(person, source, connection) }
        } catch let error as PostgresError where error.constraint == "account_user_name_taken" {
            // Somebody else was first with the same name, or the same person in another tab.
            return try await pool.transaction { connection in try Self.resolve(person, source, connection) }
        }
    }

    private static func resolve(
        _ person: ExternalPerson, _ source: SignInConnection, _ connection: isolated PostgresConnection
    ) throws -> AccountID {
        let known = try connection.query(
            """
            select account_id from external_identity where connection_id = \(source.id) and subject = \(person.subject)
            """)
        if let row = known.first {
            let id: AccountID = try row.decode("account_id")
            try refresh(id, person, source, connection)
            return id
        }
        let id = try sameName(person, source, connection) ?? added(person, source, connection)
        try connection.execute(
            """
            insert into external_identity (connection_id, subject, account_id)
            values (\(source.id), \(person.subject), \(id))
            """)
        return id
    }

    /// The account that the organization has under this name already.
    private static func sameName(
        _ person: ExternalPerson, _ source: SignInConnection, _ connection: isolated PostgresConnection
    ) throws -> AccountID? {
        let key = LookupKey.fold(NameRules.tidy(person.userName))
        let rows = try connection.query(
            """
            select id from account where organization_id = \(source.organization) and user_name_key = \(key)
            """)
        guard let id = try rows.first?.decode("id", as: AccountID.self) else { return nil }
        let linked = try connection.query(
            "select 1 from external_identity where connection_id = \(source.id) and account_id = \(id)")
        guard linked.isEmpty else {
            throw Declined(description: "another person of this connection has the account with this user name")
        }
        try refresh(id, person, source, connection)
        try AuditStore.record(
            AuditEntry(
                action: .accountLinked, actor: .signIn, organization: source.organization, subject: person.userName,
                subjectAccount: id, detail: ["connection": source.name]), connection)
        return id
    }

    private static func added(
        _ person: ExternalPerson, _ source: SignInConnection, _ connection: isolated PostgresConnection
    ) throws -> AccountID {
        let account: NewAccount
        do {
            account = try NewAccount(
                AccountDraft(
                    userName: person.userName, displayName: displayName(person), email: email(person),
                    permissions: person.permissions ?? []))
        } catch {
            throw Declined(description: error.description)
        }
        return try AccountStore.add(
            account, password: nil, kind: .chosen, origin: source.origin, to: source.organization, by: .signIn,
            connection
        ).account
    }

    private static func refresh(
        _ id: AccountID, _ person: ExternalPerson, _ source: SignInConnection,
        _ connection: isolated PostgresConnection
    ) throws {
        guard let former = try AccountStore.lock(id, in: source.organization, connection) else {
            throw Declined(description: "the account is of another organization")
        }
        // Else whoever sets up a connection could become a system administrator.
        guard !former.permissions.contains(.administerSystem) else {
            throw Declined(description: "system administrators sign in with a password of Parley's own")
        }
        guard former.origin == source.origin else { return }
        let draft = AccountDraft(
            userName: former.userName, displayName: displayName(person), email: email(person) ?? former.email,
            language: former.language, permissions: person.permissions ?? former.permissions,
            isEnabled: former.isEnabled)
        guard let new = try? NewAccount(draft) else { return }
        let hasChanged =
            new.displayName != former.displayName || new.email != former.email
            || Set(new.permissions) != Set(former.permissions)
        guard hasChanged else { return }
        try AccountStore.write(new, to: former, connection)
        try AccountStore.audit(former, new, source.organization, .signIn, connection)
    }

    private static func displayName(_ person: ExternalPerson) -> String {
        let name = NameRules.tidy(person.displayName ?? "")
        return String((name.isEmpty ? person.userName : name).prefix(Limits.displayName.upperBound))
    }

    private static func email(_ person: ExternalPerson) -> String? {
        guard let email = person.email else { return nil }
        return (try? NewAccount.checkedEmail(email)) ?? nil
    }
}
