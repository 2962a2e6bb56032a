import Foundation
import ParleyProtocol
import Postgres

/// A person as a directory or a provider tells of them.
struct ExternalPerson: Sendable {
    /// What the connection knows the person by, for ever.
    var subject: String
    var userName: String
    var displayName: String?
    /// Belongs to the person, as the connection says.
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

    private static let firsts = ["account_user_name_taken", "external_identity_pkey", "external_identity_once"]

    /// What the connection tells is taken over, where the account is one of its kind.
    /// - Throws: `Declined`, or the database's error.
    func account(of person: ExternalPerson, from source: SignInConnection) async throws -> AccountID {
        do {
            return try await pool.transaction { connection in try Self.resolve(person, source, connection) }
        } catch let error as PostgresError where Self.firsts.contains(error.constraint ?? "") {
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
        let id = try linked(person, source, connection) ?? added(person, source, connection)
        try connection.execute(
            """
            insert into external_identity (connection_id, subject, account_id)
            values (\(source.id), \(person.subject), \(id))
            """)
        return id
    }

    /// The account that the organization has of this person already.
    private static func linked(
        _ person: ExternalPerson, _ source: SignInConnection, _ connection: isolated PostgresConnection
    ) throws -> AccountID? {
        // Else two who come at once would both be linked.
        _ = try connection.query("select 1 from organization where id = \(source.organization) for update")
        let found = try candidates(person, source, connection)
        guard let row = found.first else { return nil }
        guard found.count == 1 else { throw Declined(description: "several accounts have this e-mail address") }
        let id: AccountID = try row.decode("id")
        guard let account = try AccountStore.lock(id, in: source.organization, connection) else { return nil }
        // What signs in as they do has their power: who administers people decides first that they come this way.
        guard !account.permissions.contains(where: \.isAdministrative) else {
            throw Declined(description: "an administrator's account is not linked by its name or address")
        }
        let others = try connection.query(
            "select 1 from external_identity where connection_id = \(source.id) and account_id = \(id)")
        guard others.isEmpty else { throw Declined(description: "another person of this connection has this account") }
        try refresh(id, person, source, connection)
        try AuditStore.record(
            AuditEntry(
                action: .accountLinked, actor: .signIn, organization: source.organization, subject: account.userName,
                subjectAccount: id, detail: ["connection": source.name]), connection)
        return id
    }

    /// In a directory the organization itself gives the user names. At a provider people may choose them (OpenID Connect Core
    /// 1.0, 5.7), so that only an address counts that the provider has verified.
    private static func candidates(
        _ person: ExternalPerson, _ source: SignInConnection, _ connection: isolated PostgresConnection
    ) throws -> [PostgresRow] {
        if source.origin == .ldap {
            let key = LookupKey.fold(NameRules.tidy(person.userName))
            let rows = try connection.query(
                """
                select id, origin = 'oidc' and lower(email) is distinct from lower(\(email(person))) as is_chosen
                from account where organization_id = \(source.organization) and user_name_key = \(key)
                """)
            // Somebody may have chosen the name at a provider, to be there before its owner.
            guard try rows.first?.decode("is_chosen", as: Bool.self) != true else {
                throw Declined(description: "somebody of a provider has the user name, and another address")
            }
            return rows
        }
        guard let email = email(person) else { return [] }
        return try connection.query(
            """
            select id from account where organization_id = \(source.organization) and lower(email) = lower(\(email)) limit 2
            """)
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
        let taken = try connection.query(
            """
            select 1 from account
            where organization_id = \(source.organization) and user_name_key = \(LookupKey.fold(account.userName))
            """)
        guard taken.isEmpty else {
            throw Declined(
                description: "another account has the user name; give it this person's e-mail address to link it")
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
            language: former.language, permissions: try permissions(person, former, source, connection),
            isEnabled: former.isEnabled)
        guard let new = try? NewAccount(draft) else { return }
        let hasChanged =
            new.displayName != former.displayName || new.email != former.email
            || Set(new.permissions) != Set(former.permissions)
        guard hasChanged else { return }
        try AccountStore.write(new, to: former, connection)
        try AccountStore.audit(former, new, source.organization, .signIn, connection)
    }

    /// What the groups permit. Nobody's groups leave the organization without an administrator.
    private static func permissions(
        _ person: ExternalPerson, _ former: AccountView, _ source: SignInConnection,
        _ connection: isolated PostgresConnection
    ) throws -> [Permission] {
        guard let granted = person.permissions else { return former.permissions }
        guard !granted.contains(where: \.isAdministrative),
            try AccountStore.isLastAdministrator(former, in: source.organization, connection)
        else { return granted }
        return granted + former.permissions.filter(\.isAdministrative)
    }

    private static func displayName(_ person: ExternalPerson) -> String {
        // A directory may have what nobody could type here; the person is to come in all the same.
        let readable = String(
            String.UnicodeScalarView((person.displayName ?? "").unicodeScalars.filter(ReadableText.isReadable)))
        let name = NameRules.tidy(readable)
        return String((name.isEmpty ? person.userName : name).prefix(Limits.displayName.upperBound))
    }

    private static func email(_ person: ExternalPerson) -> String? {
        guard let email = person.email else { return nil }
        return (try? NewAccount.checkedEmail(email)) ?? nil
    }
}
