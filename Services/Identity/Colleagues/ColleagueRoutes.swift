import Foundation
import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/colleagues?limit=&cursor=`: who else is in one's organization.
struct ColleagueRoutes: Sendable {
    private static let limits = 1...200
    private static let usualLimit = 50

    let colleagues: ColleagueStore
    let sessions: SessionStore

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/colleagues", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let claims = try context.requireAccount()
        // The sessions are here, so that a token need not be believed any longer than its session.
        guard try await sessions.isOpen(claims.session) else { throw ProblemError.unauthenticated }
        let page = try await colleagues.page(
            of: claims.organization, after: try cursor(request), limit: try limit(request))
        return try jsonResponse(page)
    }

    private func limit(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return Self.usualLimit }
        guard let limit = Int(text), Self.limits.contains(limit) else {
            throw ProblemError.validation([FieldProblem("limit", .badFormat)])
        }
        return limit
    }

    private func cursor(_ request: Request) throws -> ColleagueCursor? {
        guard let text = request.uri.queryParameters["cursor"] else { return nil }
        guard let cursor = ColleagueCursor(text: String(text)) else {
            throw ProblemError.validation([FieldProblem("cursor", .badFormat)])
        }
        return cursor
    }
}
