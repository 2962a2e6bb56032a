import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// What is kept of an account, for identity's exports: `GET /internal/accounts/{account}/rooms`, `…/appointments` and `…/attendance`, all
/// with `?organization=&after=`.
struct OwnerRoutes: Sendable {
    let store: OwnerStore

    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.get("accounts/{account}/rooms") { try await rooms($0, $1) }
        group.get("accounts/{account}/appointments") { try await appointments($0, $1) }
        group.get("accounts/{account}/attendance") { try await attendance($0, $1) }
    }

    private func rooms(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (account, organization) = try Self.subject(request, context)
        let after = try request.queryText("after").flatMap(RoomID.init(path:))
        return try jsonResponse(try await store.records(of: account, in: organization, after: after))
    }

    private func appointments(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (account, organization) = try Self.subject(request, context)
        let after = try request.queryText("after").flatMap({ UUID(text: $0) })
        return try jsonResponse(
            try await store.appointments(
                of: account, in: organization, after: after.map { AppointmentID($0.uuidString.lowercased()) }))
    }

    private func attendance(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let (account, _) = try Self.subject(request, context)
        let after = try request.queryText("after").flatMap(AttendancePlace.init)
        return try jsonResponse(try await store.attendance(of: account, after: after))
    }

    private static func subject(
        _ request: Request, _ context: ServiceRequestContext
    ) throws -> (AccountID, OrganizationID) {
        try context.requireCaller(.identity)
        guard let account = UUID(text: try context.parameter("account")),
            let organization = try request.queryText("organization").flatMap({ UUID(text: $0) })
        else { throw ProblemError.notFound }
        return (AccountID(account.uuidString.lowercased()), OrganizationID(organization.uuidString.lowercased()))
    }
}
