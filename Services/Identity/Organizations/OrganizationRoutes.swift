import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/organization`: the settings of one's own organization, for its administrators.
struct OrganizationRoutes: Sendable {
    let callers: Callers
    let organizations: OrganizationStore

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/organization")
        group.get(use: show)
        group.put(use: change)
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let administrator = try await callers.administrator(context)
        guard let view = try await organizations.find(administrator.account.organization.id) else {
            throw ProblemError.notFound
        }
        return try Self.answer(view)
    }

    @Sendable private func change(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let administrator = try await callers.administrator(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let draft = try await decodeBody(OrganizationDraft.self, from: request, context: context)
        let change = try await organizations.change(
            administrator.account.organization.id, wanted: wanted, to: draft, by: administrator.actor(context))
        return try Self.answer(try change.organization)
    }

    private static func answer(_ view: OrganizationSettingsView) throws -> Response {
        try jsonResponse(view, headers: [.eTag: WantedVersion.entityTag(view.version)])
    }
}

extension OrganizationStore.Change {
    /// The organization that was changed.
    /// - Throws: why it was not.
    var organization: OrganizationSettingsView {
        get throws(ProblemError) {
            switch self {
            case .done(let view): return view
            case .noSuchOrganization: throw .notFound
            case .otherVersion:
                throw ProblemError(
                    .preconditionFailed, .preconditionFailed, "The organization was changed in the meantime.")
            }
        }
    }
}
