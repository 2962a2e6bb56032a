import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /internal/accounts/{account}/rooms?organization=&after=`: for identity's exports.
struct OwnerRoutes: Sendable {
    let store: OwnerStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("accounts/{account}/rooms", use: list)
    }

    @Sendable private func list(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.identity)
        guard let account = UUID(uuidString: try context.parameter("account")),
            let organization = try request.queryText("organization").flatMap(UUID.init(uuidString:))
        else { throw ProblemError.notFound }
        let records = try await store.records(
            of: AccountID(account.uuidString.lowercased()), in: OrganizationID(organization.uuidString.lowercased()),
            after: try request.queryText("after").flatMap(RoomID.init(path:)))
        return try jsonResponse(records)
    }
}
