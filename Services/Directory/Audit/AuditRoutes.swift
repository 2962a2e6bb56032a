import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/directory/audit?limit=&cursor=`: what was done to the organization's rooms, for its administrators.
struct AuditRoutes: Sendable {
    private static let page = 1...200

    let audit: AuditStore

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("audit", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.administerOrganization)
        let limit = try request.queryInt("limit", in: Self.page, default: 50)
        var position: Int64?
        if let text = try request.queryText("cursor") {
            guard let number = Int64(text), number > 0 else {
                throw ProblemError.validation([FieldProblem("cursor", .badFormat)])
            }
            position = number
        }
        return try jsonResponse(try await audit.page(of: account.organization, before: position, limit: limit))
    }
}
