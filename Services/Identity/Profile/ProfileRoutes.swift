import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit

/// `/api/identity/profile`: what a person sees and sets of the own account.
struct ProfileRoutes: Sendable {
    let callers: Callers
    let profiles: ProfileStore
    let accounts: AccountStore
    let pictures: PictureStore
    let reauthenticate: Reauthenticator
    let hasher: PasswordHasher
    let exports: AccountExports

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/profile")
        group.get(use: show)
        group.put(use: change)
        group.put("password", use: changePassword)
        group.put("picture", use: setPicture)
        group.delete("picture", use: removePicture)
        group.get("export", use: export)
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try await answer(try await callers.session(context).account.id)
    }

    @Sendable private func change(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let draft = try await decodeBody(ProfileDraft.self, from: request, context: context)
        guard let former = try await profiles.find(session.account.id) else { throw ProblemError.unauthenticated }
        var name: String?
        if let written = draft.displayName, written != former.displayName {
            guard former.origin == .local else { throw ProblemError.keptElsewhere }
            name = try NameRules.readable(
                written, "The display name", field: "displayName", characters: Limits.displayName)
        }
        guard try await profiles.change(session.account.id, to: draft, displayName: name) else {
            throw ProblemError.unauthenticated
        }
        return try await answer(session.account.id)
    }

    /// All other sessions end.
    @Sendable private func changePassword(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let change = try await decodeBody(PasswordChange.self, from: request, context: context)
        let person = try await reauthenticate(change.current, field: "current", session: session, context: context)
        guard person.origin == .local else { throw ProblemError.keptElsewhere }
        if let problem = person.passwordRules.problem(change.new) {
            throw ProblemError.validation([FieldProblem("new", problem)])
        }
        guard change.new != change.current else { throw ProblemError.validation([FieldProblem("new", .unchanged)]) }
        let hash = try await hasher.hash(try Password(change.new))
        let authority = Authority(actor: session.actor(context), reachesSystem: true)
        let outcome = try await accounts.setPassword(
            of: person.account, in: person.organization, to: hash, kind: .chosen,
            replacing: person.passwordGeneration, keeping: session.id, by: authority)
        switch outcome {
        case .done: break
        case .otherVersion: throw SignIn.Refusal.credentialsWrong
        case .noSuchAccount, .notAllowed, .lastAdministrator, .passwordNeeded: throw ProblemError.unauthenticated
        }
        return emptyResponse()
    }

    @Sendable private func export(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let export = try await exports.make(
            session.account.id, in: session.account.organization.id, current: session.id, by: session.actor(context))
        guard let export else { throw ProblemError.unauthenticated }
        return try jsonResponse(export)
    }

    // MARK: Picture

    @Sendable private func setPicture(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let named = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        guard Picture.Kind(rawValue: named) != nil else {
            throw ProblemError(
                .unsupportedMediaType, .unsupportedMediaType, "A picture must be PNG, JPEG or WebP.")
        }
        let buffer = try await request.body.collect(upTo: context.maxUploadSize)
        try await pictures.set(try Picture([UInt8](buffer.readableBytesView)), of: session.account.id)
        return try await answer(session.account.id)
    }

    @Sendable private func removePicture(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        try await pictures.remove(of: session.account.id)
        return try await answer(session.account.id)
    }

    private func answer(_ account: AccountID) async throws -> Response {
        guard let profile = try await profiles.find(account) else { throw ProblemError.unauthenticated }
        return try jsonResponse(profile)
    }
}
