import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /internal/revocations?since=&cursor=`: for services that take access tokens.
struct RevocationRoutes: Sendable {
    let revocations: RevocationStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("revocations", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory, .signaling, .presence)
        let since = try Self.since(request)
        return try jsonResponse(try await revocations.list(since: since, after: try Self.cursor(request)))
    }

    private static func since(_ request: Request) throws(ProblemError) -> Date? {
        guard let text = try request.queryText("since") else { return nil }
        guard let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) else {
            throw .validation([FieldProblem("since", .badFormat)])
        }
        return date
    }

    private static func cursor(_ request: Request) throws(ProblemError) -> Int64? {
        guard let text = try request.queryText("cursor") else { return nil }
        guard let number = Int64(text), number > 0 else { throw .validation([FieldProblem("cursor", .badFormat)]) }
        return number
    }
}
