import Foundation
import Logging
import ParleyProtocol
import Postgres
import ServiceKit

/// What an operator does with the subcommands, without the service.
public struct Administration: Sendable {
    let organizations: OrganizationStore
    let accounts: AccountStore
    let sessions: SessionStore
    let audit: AuditStore
    let scryptLogN: Int

    /// - Returns: the names of the migrations that were applied now.
    public static func migrate(_ database: PostgresConfiguration) async throws -> [String] {
        try await Migrations.migrator.migrate(database)
    }

    /// - Parameter scryptLogN: what password hashes cost.
    /// - Throws: `InputProblem` when what is asked for can't be done, or the database's error.
    public static func with<Result: Sendable>(
        _ database: PostgresConfiguration, scryptLogN: Int = 15, logger: Logger,
        _ body: @Sendable (Administration) async throws -> Result
    ) async throws -> Result {
        try await PostgresPool.withPool(database, logger: logger) { pool in
            try await body(Administration(pool: pool, scryptLogN: scryptLogN))
        }
    }

    init(pool: PostgresPool, scryptLogN: Int) {
        organizations = OrganizationStore(pool: pool)
        accounts = AccountStore(pool: pool)
        sessions = SessionStore(pool: pool)
        audit = AuditStore(pool: pool)
        self.scryptLogN = scryptLogN
    }

    // MARK: Organizations

    public func add(_ organization: NewOrganization) async throws {
        try await organizations.add(organization, by: .commandLine)
    }

    public func allOrganizations() async throws -> [OrganizationSettingsView] {
        try await organizations.all()
    }

    public func organization(_ handle: String) async throws -> OrganizationSettingsView {
        guard let found = try await organizations.find(handle: handle) else {
            throw InputProblem("There is no organization with the UCSID or alias \(handle.debugDescription).")
        }
        return found
    }

    public func change(_ handle: String, _ body: (inout OrganizationDraft) throws -> Void) async throws {
        let found = try await organization(handle)
        var draft = found.settings
        try body(&draft)
        let change = try await organizations.change(found.id, wanted: .any, to: draft, by: .commandLine)
        _ = try change.organization
    }

    public func setEnabled(_ handle: String, _ isEnabled: Bool) async throws {
        let found = try await organization(handle)
        _ = try await organizations.setEnabled(found.id, isEnabled, by: .commandLine).organization
    }

    // MARK: Accounts

    /// With a password that was chosen, or a one-time password.
    /// - Returns: the one-time password.
    public func add(
        _ account: NewAccount, password: Password?, to handle: String
    ) async throws -> String? {
        let organization = try await organization(handle)
        let oneTime = password == nil ? OneTimePassword.make() : nil
        let hash = try await hash(try password ?? Password(oneTime ?? ""))
        try await accounts.add(
            account, password: hash, kind: oneTime == nil ? .chosen : .oneTime, to: organization.id, by: .commandLine)
        return oneTime
    }

    public func account(_ userName: String, of handle: String) async throws -> AccountView {
        try await found(userName, handle).account
    }

    public func allAccounts(of handle: String) async throws -> [AccountView] {
        let organization = try await organization(handle)
        var all: [AccountView] = []
        var cursor: ColleagueCursor?
        repeat {
            let page = try await accounts.page(of: organization.id, search: "", after: cursor, limit: 200)
            all += page.items
            cursor = page.nextCursor.flatMap(ColleagueCursor.init(text:))
        } while cursor != nil
        return all
    }

    public func change(
        _ userName: String, of handle: String, _ body: (inout AccountDraft) throws -> Void
    ) async throws {
        let (account, organization) = try await found(userName, handle)
        var draft = AccountDraft(
            userName: account.userName, displayName: account.displayName, email: account.email,
            language: account.language, permissions: account.permissions, isEnabled: account.isEnabled)
        try body(&draft)
        let change = try await accounts.change(
            account.account, in: organization, wanted: .any, to: try NewAccount(draft), by: .commandLine)
        _ = try change.account
    }

    /// All sessions end.
    /// - Parameter password: nothing for a one-time password.
    /// - Returns: the one-time password.
    public func setPassword(_ password: Password?, of userName: String, at handle: String) async throws -> String? {
        let (account, organization) = try await found(userName, handle)
        guard account.origin == .local else {
            throw InputProblem("The password of this account is kept in the organization's directory.")
        }
        let oneTime = password == nil ? OneTimePassword.make() : nil
        let hash = try await hash(try password ?? Password(oneTime ?? ""))
        _ = try await accounts.setPassword(
            of: account.account, in: organization, to: hash, kind: oneTime == nil ? .chosen : .oneTime,
            by: .commandLine
        ).account
        return oneTime
    }

    /// Forgets what was guessed at the account, wherever its password is kept.
    public func unlock(_ userName: String, of handle: String) async throws {
        let (account, _) = try await found(userName, handle)
        try await accounts.forgetGuesses(at: account.account)
    }

    /// For somebody who has lost the authenticator and the recovery codes.
    /// - Returns: whether there was a second factor.
    public func removeSecondFactor(_ userName: String, of handle: String) async throws -> Bool {
        let (account, _) = try await found(userName, handle)
        return try await SecondFactorStore.remove(of: account.account, by: .commandLine, accounts.pool)
    }

    public func delete(_ userName: String, of handle: String) async throws {
        let (account, organization) = try await found(userName, handle)
        _ = try await accounts.delete(account.account, in: organization, wanted: .any, by: .commandLine).account
    }

    /// Everything that is kept about the person, as JSON.
    /// - Parameter directoryURL: where the person's rooms are asked for, with the cluster secret; nothing to leave them out.
    public func export(
        _ userName: String, of handle: String, directoryURL: String?, clusterSecret: [UInt8]
    ) async throws -> String {
        let (account, organization) = try await found(userName, handle)
        let exports = AccountExports(
            organizations: organizations, accounts: accounts, profiles: ProfileStore(pool: accounts.pool),
            sessions: sessions, audit: audit,
            rooms: directoryURL.map { RoomRecordCalls(directoryURL: $0, clusterSecret: clusterSecret) })
        guard let export = try await exports.make(account.account, in: organization, by: .commandLine) else {
            throw InputProblem("The account is not there any more.")
        }
        return String(decoding: try WireJSON.encode(export), as: UTF8.self)
    }

    /// The newest first.
    public func auditEntries(of handle: String, limit: Int) async throws -> [AuditList.Entry] {
        let organization = try await organization(handle)
        return try await audit.page(of: organization.id, before: nil, limit: limit).items
    }

    // MARK: Keys

    /// See `SigningKeyStore.rotate`.
    public func rotateKeys(isCompromised: Bool, clusterSecret: [UInt8]) async throws {
        let store = SigningKeyStore(pool: accounts.pool, seal: SigningKeySeal(clusterSecret: clusterSecret))
        try await store.rotate(isCompromised: isCompromised)
    }

    // MARK: Parts

    private func found(_ userName: String, _ handle: String) async throws -> (account: AccountView, OrganizationID) {
        let organization = try await organization(handle)
        guard let account = try await accounts.find(userName: userName, in: organization.id) else {
            throw InputProblem(
                "There is no account with the user name \(userName.debugDescription) in \(organization.ucsid).")
        }
        return (account, organization.id)
    }

    func hash(_ password: Password) async throws -> PasswordHash {
        let hasher = PasswordHasher(cost: .standard(logN: scryptLogN), threads: 1)
        return try await hasher.once { try await $0.hash(password) }
    }
}
