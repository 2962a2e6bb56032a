import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// What other services ask about organizations and their people.
struct OrganizationCallRoutes: Sendable {
    private static let mostAccounts = 100

    let organizations: OrganizationStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("organizations", use: states)
        group.post("organizations/{organization}/accounts", use: cards)
    }

    /// `GET /internal/organizations?after=`
    @Sendable private func states(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory, .presence)
        let after = try request.queryText("after").map { text throws(ProblemError) in
            OrganizationID(try Self.id(text, "after"))
        }
        return try jsonResponse(try await organizations.states(after: after))
    }

    /// `POST /internal/organizations/{organization}/accounts`
    @Sendable private func cards(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory, .presence)
        let organization = OrganizationID(try Self.id(try context.parameter("organization"), "organization"))
        let query = try await decodeBody(AccountQuery.self, from: request, context: context)
        guard query.accounts.count <= Self.mostAccounts else {
            throw ProblemError.validation([FieldProblem("accounts", .tooLong)])
        }
        let accounts = try query.accounts.map { account throws(ProblemError) in
            AccountID(try Self.id(account.rawValue, "accounts"))
        }
        return try jsonResponse(AccountCards(accounts: try await organizations.cards(of: accounts, in: organization)))
    }

    private static func id(_ text: String, _ field: String) throws(ProblemError) -> String {
        guard let id = UUID(text: text) else { throw .validation([FieldProblem(field, .badFormat)]) }
        return id.uuidString.lowercased()
    }
}
