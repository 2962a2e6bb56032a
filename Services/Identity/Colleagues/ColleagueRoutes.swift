import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/colleagues?limit=&cursor=`: who else is in one's organization.
struct ColleagueRoutes: Sendable {
    let colleagues: ColleagueStore
    let callers: Callers

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/colleagues", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let limit = try PageRequest.limit(request)
        let page = try await colleagues.page(
            of: session.account.organization.id, after: try ColleagueCursor.of(request), limit: limit)
        return try jsonResponse(page)
    }
}
