import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/presence/colleagues`: who of one's own organization is not simply available. The organization is that of the
/// access token; nothing in the request can name another.
struct PresenceRoutes: Sendable {
    let store: MeetingLeaseStore

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/presence/colleagues") { _, context in
            let organization = try context.requireAccount().organization
            let members = try await whileRedisAnswers(context.logger) { try await store.members(of: organization) }
            return try jsonResponse(MeetingLeaseRules.snapshot(of: members))
        }
    }
}
