import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /internal/revocations?since=`: for services that take access tokens.
struct RevocationRoutes: Sendable {
    let revocations: RevocationStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("revocations", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory, .signaling, .presence)
        var since: Date?
        if let text = try request.queryText("since") {
            guard let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) else {
                throw ProblemError.validation([FieldProblem("since", .badFormat)])
            }
            since = date
        }
        return try jsonResponse(try await revocations.list(since: since))
    }
}
