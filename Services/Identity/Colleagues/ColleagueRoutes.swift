import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/colleagues?search=&limit=&cursor=`: who else is in one's organization.
struct ColleagueRoutes: Sendable {
    /// Of a search: as many as a display name may have, and as many code points.
    private static let mostCharacters = Limits.displayName.upperBound
    private static let mostCodePoints = 4 * mostCharacters

    let colleagues: ColleagueStore
    let callers: Callers

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/colleagues", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let limit = try PageRequest.limit(request)
        let page = try await colleagues.page(
            of: session.account.organization.id, search: try Self.search(request),
            after: try ColleagueCursor.of(request), limit: limit)
        return try jsonResponse(page)
    }

    /// `?search=` of a request; empty when there is none.
    private static func search(_ request: Request) throws(ProblemError) -> String {
        let text = try request.queryText("search", maximumBytes: mostCodePoints * 4) ?? ""
        guard text.count <= mostCharacters, text.unicodeScalars.count <= mostCodePoints else {
            throw .validation([FieldProblem("search", .tooLong)])
        }
        guard !NameRules.hasInvisibleControl(text) else {
            throw .validation([FieldProblem("search", .badFormat)])
        }
        return text
    }
}
