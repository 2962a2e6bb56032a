import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/audit`: what was done in the organization, for its administrators. There is no way to change it.
struct AuditRoutes: Sendable {
    let callers: Callers
    let audit: AuditStore

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/audit", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let administrator = try await callers.administrator(context)
        let limit = try PageRequest.limit(request)
        var position: Int64?
        if let text = try request.queryText("cursor") {
            guard let number = Int64(text), number > 0 else {
                throw ProblemError.validation([FieldProblem("cursor", .badFormat)])
            }
            position = number
        }
        return try jsonResponse(
            try await audit.page(of: administrator.account.organization.id, before: position, limit: limit))
    }
}
