import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit

/// `/api/presence/read-tokens`: an organization's administrators make and delete the tokens of telephone systems. The organization is that
/// of the access token.
struct ReadTokenRoutes: Sendable {
    let tokens: ReadTokenStore

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("read-tokens", use: list)
        group.post("read-tokens", use: create)
        group.delete("read-tokens/{token}", use: remove)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.administerOrganization)
        return try jsonResponse(ReadTokenList(items: try await tokens.list(of: account.organization)))
    }

    @Sendable private func create(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.administerOrganization)
        let draft = try await decodeBody(ReadTokenDraft.self, from: request, context: context)
        var checks = FieldChecks()
        let name = checks.check("name") { () throws(FieldRefusal) in
            try ReadableText.line(draft.name, Limits.readTokenName)
        }
        guard let name else { throw ProblemError.validation(checks.problems) }
        guard
            let created = try await tokens.create(name, by: account.account, of: account.organization)
        else {
            throw ProblemError.conflict(
                .limitReached, "The organization has \(Limits.readTokens) tokens; there can't be more.")
        }
        context.logger.info("A read token was made", metadata: ["token.id": "\(created.id)"])
        return try jsonResponse(created, status: .created, headers: [.cacheControl: "no-store"])
    }

    @Sendable private func remove(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.administerOrganization)
        let id = ReadTokenID(try context.uuid("token"))
        guard try await tokens.remove(id, of: account.organization) else { throw ProblemError.notFound }
        context.logger.info("A read token was deleted", metadata: ["token.id": "\(id)"])
        return emptyResponse()
    }
}
