import Foundation
import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/accounts`: the people of an organization, for its administrators.
struct AccountRoutes: Sendable {
    let callers: Callers
    let accounts: AccountStore
    let sessions: SessionStore
    let secondFactors: SecondFactorStore
    let hasher: PasswordHasher
    let reauthenticate: Reauthenticator
    let exports: AccountExports
    let audit: AuditStore

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/accounts")
        group.get(use: list)
        group.post(use: create)
        group.get("{account}", use: show)
        group.put("{account}", use: change)
        group.delete("{account}", use: delete)
        group.post("{account}/one-time-password", use: makeOneTimePassword)
        group.delete("{account}/second-factor", use: removeSecondFactor)
        group.delete("{account}/sessions", use: endSessions)
        group.get("{account}/export", use: export)
    }

    // MARK: Reading

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let administrator = try await callers.administrator(context)
        let limit = try PageRequest.limit(request)
        let search = try request.queryText("search") ?? ""
        guard !NameRules.hasInvisibleControl(search) else {
            throw ProblemError.validation([FieldProblem("search", .badFormat)])
        }
        let page = try await accounts.page(
            of: administrator.account.organization.id, search: search, after: try ColleagueCursor.of(request),
            limit: limit)
        return try jsonResponse(page)
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (administrator, id) = try await asked(context)
        guard let account = try await accounts.find(id, in: administrator.account.organization.id) else {
            throw ProblemError.notFound
        }
        return try Self.answer(account)
    }

    @Sendable private func export(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (administrator, id) = try await asked(context)
        let export = try await exports.make(
            id, in: administrator.account.organization.id, by: administrator.actor(context))
        guard let export else { throw ProblemError.notFound }
        return try jsonResponse(export)
    }

    // MARK: Changing

    /// With a one-time password, which is shown here only.
    @Sendable private func create(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let administrator = try await callers.administrator(context)
        let body = try await decodeBody(AccountDraft.self, from: request, context: context)
        let draft = try NewAccount(body)
        let authority = try await authority(administrator, body.shown, context)
        guard authority.mayChange([], to: draft.permissions) else { throw ProblemError.forbidden }
        guard !authority.lacksProof([], to: draft.permissions) else { throw ProblemError.passwordNeeded }
        let (password, view) = Self.oneTimePassword()
        let account = try await accounts.add(
            draft, password: try await hasher.hash(try Password(password)), kind: .oneTime,
            to: administrator.account.organization.id, by: administrator.actor(context))
        return try jsonResponse(
            AccountCreated(account: account, oneTimePassword: view), status: .created,
            headers: [
                .location: "/api/identity/accounts/\(account.account)",
                .eTag: WantedVersion.entityTag(account.version),
            ])
    }

    @Sendable private func change(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (administrator, id) = try await asked(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let body = try await decodeBody(AccountDraft.self, from: request, context: context)
        let draft = try NewAccount(body)
        let change = try await accounts.change(
            id, in: administrator.account.organization.id, wanted: wanted, to: draft,
            by: try await authority(administrator, body.shown, context))
        return try Self.answer(try change.account)
    }

    @Sendable private func delete(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (administrator, id) = try await asked(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let change = try await accounts.delete(
            id, in: administrator.account.organization.id, wanted: wanted, by: administrator.authority(context))
        _ = try change.account
        return emptyResponse()
    }

    /// In place of a password that was forgotten. All sessions end.
    @Sendable private func makeOneTimePassword(
        _ request: Request, context: ServiceRequestContext
    ) async throws -> Response {
        let (administrator, account) = try await opened(request, context)
        guard account.origin == .local else { throw ProblemError.keptElsewhere }
        let (password, view) = Self.oneTimePassword()
        let change = try await accounts.setPassword(
            of: account.account, in: administrator.account.organization.id,
            to: try await hasher.hash(try Password(password)), kind: .oneTime, by: administrator.authority(context))
        _ = try change.account
        return try jsonResponse(view, status: .created)
    }

    /// For somebody who has lost the authenticator and the recovery codes.
    @Sendable private func removeSecondFactor(
        _ request: Request, context: ServiceRequestContext
    ) async throws -> Response {
        let (administrator, account) = try await opened(request, context)
        _ = try await secondFactors.remove(of: account.account, by: administrator.actor(context))
        return emptyResponse()
    }

    @Sendable private func endSessions(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (administrator, account) = try await changeable(context)
        let ended = try await sessions.endAll(of: account.account, but: nil)
        try await audit.record(
            AuditEntry(
                action: .sessionsEnded, actor: administrator.actor(context),
                organization: administrator.account.organization.id, subject: account.userName,
                subjectAccount: account.account, detail: ["count": "\(ended)"]))
        return emptyResponse()
    }

    // MARK: Parts

    private func asked(_ context: ServiceRequestContext) async throws -> (Session, AccountID) {
        (try await callers.administrator(context), try AccountID.of(context))
    }

    private func changeable(_ context: ServiceRequestContext) async throws -> (Session, AccountView) {
        let (administrator, id) = try await asked(context)
        guard let account = try await accounts.find(id, in: administrator.account.organization.id) else {
            throw ProblemError.notFound
        }
        let authority = administrator.authority(context)
        guard authority.mayChange(account.permissions, to: account.permissions) else { throw ProblemError.forbidden }
        return (administrator, account)
    }

    /// An account whose way in the administrator changes, and so could use. For the own one there is the profile, which asks for
    /// the password; another administrator's is worth as much.
    private func opened(
        _ request: Request, _ context: ServiceRequestContext
    ) async throws -> (administrator: Session, account: AccountView) {
        let (administrator, account) = try await changeable(context)
        guard account.account != administrator.account.id else {
            throw ProblemError(.forbidden, .forbidden, "How you sign in yourself is changed in your profile.")
        }
        // Without a body there is no type of one either.
        let shown =
            request.headers[.contentType] == nil
            ? AdministratorReauthentication()
            : try await decodeBody(AdministratorReauthentication.self, from: request, context: context)
        guard account.permissions.contains(where: \.isAdministrative) else { return (administrator, account) }
        guard try await authority(administrator, shown, context).isProven else { throw ProblemError.passwordNeeded }
        return (administrator, account)
    }

    /// - Throws: why the password that was shown is not taken; without any, nothing is proven.
    private func authority(
        _ administrator: Session, _ shown: AdministratorReauthentication?, _ context: ServiceRequestContext
    ) async throws -> Authority {
        var authority = administrator.authority(context)
        guard let password = shown?.password, !password.isEmpty else { return authority }
        // What can't be a password is a wrong one.
        guard (try? Password(password)) != nil else { throw SignIn.Refusal.credentialsWrong }
        do {
            _ = try await reauthenticate(
                password, code: shown?.code, needsCode: true, session: administrator, context: context)
        } catch let problem as ProblemError where problem.code == .keptElsewhere {
            // It is the administrator who has none.
            throw ProblemError.conflict(.noPassword, "This needs a password, and you sign in with a provider.")
        }
        authority.isProven = true
        return authority
    }

    private static func oneTimePassword() -> (String, OneTimePasswordView) {
        let password = OneTimePassword.make()
        let expiresAt = Date.now.addingTimeInterval(Double(Limits.oneTimePassword))
        return (password, OneTimePasswordView(password: password, expiresAt: expiresAt))
    }

    private static func answer(_ account: AccountView) throws -> Response {
        try jsonResponse(account, headers: [.eTag: WantedVersion.entityTag(account.version)])
    }
}

extension AccountStore.Change {
    /// The account that was changed.
    /// - Throws: why it was not.
    var account: AccountView {
        get throws(ProblemError) {
            switch self {
            case .done(let account): return account
            case .noSuchAccount: throw .notFound
            case .notAllowed: throw .forbidden
            case .passwordNeeded: throw .passwordNeeded
            case .otherVersion:
                throw ProblemError(
                    .preconditionFailed, .preconditionFailed, "The account was changed in the meantime.")
            case .lastAdministrator:
                throw .conflict(.lastAdministrator, "The organization would be left without an administrator.")
            }
        }
    }
}

extension ProblemError {
    fileprivate static let passwordNeeded = ProblemError(
        .forbidden, .passwordNeeded,
        "Show your own password to change who administers the organization, or how they sign in.")
}

extension AccountID {
    /// `{account}` of a path.
    /// - Throws: 404 when it is no account's id.
    static func of(_ context: ServiceRequestContext) throws(ProblemError) -> AccountID {
        guard let uuid = UUID(text: try context.parameter("account")) else { throw .notFound }
        return AccountID(uuid.uuidString.lowercased())
    }
}
