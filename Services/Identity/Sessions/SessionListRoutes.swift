import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/sessions`: where one is signed in, and ending it there.
struct SessionListRoutes: Sendable {
    let callers: Callers
    let sessions: SessionStore
    let audit: AuditStore

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/sessions")
        group.get(use: list)
        group.delete(use: endOthers)
        group.delete("{session}", use: endOne)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let items = try await sessions.list(of: session.account.id, current: session.id)
        return try jsonResponse(SessionList(items: items))
    }

    /// All but the one that asks.
    @Sendable private func endOthers(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let ended = try await sessions.endAll(of: session.account.id, but: session.id)
        if ended > 0 {
            try await audit.record(
                AuditEntry(
                    action: .sessionsEnded, actor: session.actor(context),
                    organization: session.account.organization.id, subject: session.account.userName,
                    subjectAccount: session.account.id, detail: ["count": "\(ended)"]))
        }
        return emptyResponse()
    }

    /// Ending one that is over is no error.
    @Sendable private func endOne(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        _ = try await sessions.end(SessionID(try context.parameter("session")), of: session.account.id)
        return emptyResponse()
    }
}
