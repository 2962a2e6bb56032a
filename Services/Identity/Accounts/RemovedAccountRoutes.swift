import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /internal/removed-accounts?after=`
struct RemovedAccountRoutes: Sendable {
    let removed: RemovedAccountStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("removed-accounts", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory, .presence)
        guard let position = Int64(try request.queryText("after") ?? "0"), position >= 0 else {
            throw ProblemError.validation([FieldProblem("after", .badFormat)])
        }
        return try jsonResponse(try await removed.page(after: position))
    }
}
