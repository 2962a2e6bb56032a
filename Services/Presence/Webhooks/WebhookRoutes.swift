import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit

/// `/api/presence/webhooks`: an organization's administrators see what became of its messages, and let the receiver be told everything
/// anew instead of those that were given up. They make no webhooks: these say whom presence calls, which is the operator's to decide.
struct WebhookRoutes: Sendable {
    private static let page = 1...200

    let webhooks: WebhookStore
    let letters: DeadLetterStore

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("webhooks", use: list)
        group.get("webhooks/{webhook}/dead-letters", use: deadLetters)
        group.post("webhooks/{webhook}/dead-letters/retry", use: resendAll)
        group.get("webhooks/{webhook}/dead-letters/{letter}", use: deadLetter)
        group.post("webhooks/{webhook}/dead-letters/{letter}/retry", use: resend)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.administerOrganization)
        return try jsonResponse(WebhookList(items: try await webhooks.list(of: account.organization)))
    }

    @Sendable private func deadLetters(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let webhook = try await webhook(context)
        let limit = try request.queryInt("limit", in: Self.page, default: 50)
        var position: Int64?
        if let text = try request.queryText("cursor") {
            guard let number = Int64(text), number > 0 else {
                throw ProblemError.validation([FieldProblem("cursor", .badFormat)])
            }
            position = number
        }
        return try jsonResponse(try await letters.page(of: webhook, before: position, limit: limit))
    }

    @Sendable private func deadLetter(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let webhook = try await webhook(context)
        guard let letter = try await letters.letter(try letterID(context), of: webhook) else {
            throw ProblemError.notFound
        }
        return try jsonResponse(letter)
    }

    @Sendable private func resend(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let webhook = try await webhook(context)
        let id = try letterID(context)
        guard try await replaced(id, of: webhook) > 0 else { throw ProblemError.notFound }
        context.logger.info(
            "A receiver is told everything anew", metadata: ["webhook.id": "\(webhook)", "message.id": "\(id)"])
        return Response(status: .accepted)
    }

    @Sendable private func resendAll(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let webhook = try await webhook(context)
        let count = try await replaced(of: webhook)
        context.logger.info(
            "A receiver is told everything anew", metadata: ["webhook.id": "\(webhook)", "messages": "\(count)"])
        return try jsonResponse(ResentLetters(letters: count), status: .accepted)
    }

    /// - Throws: 409 for a webhook that is disabled: nothing can be sent to it.
    private func replaced(_ letter: WebhookMessageID? = nil, of webhook: WebhookID) async throws -> Int {
        guard let count = try await letters.replace(letter, of: webhook) else {
            throw ProblemError.conflict(.conflict, "The webhook is disabled; the operator enables it.")
        }
        return count
    }

    /// - Throws: 404 for one of another organization too.
    private func webhook(_ context: ServiceRequestContext) async throws -> WebhookID {
        let account = try context.requirePermission(.administerOrganization)
        let id = WebhookID(try context.uuid("webhook"))
        guard try await webhooks.exists(id, in: account.organization) else { throw ProblemError.notFound }
        return id
    }

    private func letterID(_ context: ServiceRequestContext) throws(ProblemError) -> WebhookMessageID {
        let text = try context.parameter("letter")
        guard (1...64).contains(text.utf8.count), !text.utf8.contains(0) else { throw .notFound }
        return WebhookMessageID(text)
    }
}
