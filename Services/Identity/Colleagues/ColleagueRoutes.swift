import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/colleagues?limit=&cursor=`: who else is in one's organization.
struct ColleagueRoutes: Sendable {
    private static let limits = 1...200
    private static let usualLimit = 50
    /// Bytes; the longest display name fits.
    private static let longestCursor = 4_096

    let colleagues: ColleagueStore
    let sessions: SessionStore

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/colleagues", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let claims = try context.requireAccount()
        // The sessions are here, so that a token need not be believed any longer than its session.
        guard try await sessions.isOpen(claims.session) else { throw ProblemError.unauthenticated }
        let limit = try request.queryInt("limit", in: Self.limits, default: Self.usualLimit)
        let page = try await colleagues.page(of: claims.organization, after: try cursor(request), limit: limit)
        return try jsonResponse(page)
    }

    private func cursor(_ request: Request) throws -> ColleagueCursor? {
        guard let text = try request.queryText("cursor", maximumBytes: Self.longestCursor) else { return nil }
        guard let cursor = ColleagueCursor(text: text) else {
            throw ProblemError.validation([FieldProblem("cursor", .badFormat)])
        }
        return cursor
    }
}
