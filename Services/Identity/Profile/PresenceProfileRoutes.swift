import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /internal/presence-profiles?after=`
struct PresenceProfileRoutes: Sendable {
    let profiles: PresenceProfileStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("presence-profiles", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.presence)
        guard let position = Int64(try request.queryText("after") ?? "0"), position >= 0 else {
            throw ProblemError.validation([FieldProblem("after", .badFormat)])
        }
        return try jsonResponse(try await profiles.page(after: position))
    }
}
