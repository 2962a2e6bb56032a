import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/internal/meeting-leases`: signaling says who is in a meeting. Guests have no account and never come here.
struct MeetingLeaseRoutes: Sendable {
    let store: MeetingLeaseStore

    /// - Parameter routes: those of the inner listener below `/internal`, which let only services in.
    func add(to routes: RouterGroup<ServiceRequestContext>) {
        routes.post("meeting-leases") { request, context in
            let leases = try await acceptedLeases(request, context)
            try await whileRedisAnswers(context.logger) { try await store.renew(leases) }
            return emptyResponse()
        }
        routes.post("meeting-leases/release") { request, context in
            let leases = try await acceptedLeases(request, context)
            try await whileRedisAnswers(context.logger) { try await store.release(leases) }
            return emptyResponse()
        }
    }

    private func acceptedLeases(_ request: Request, _ context: ServiceRequestContext) async throws -> [MeetingLease] {
        try context.requireCaller(.signaling)
        let body = try await decodeBody(
            MeetingLeases.self, from: request, context: context, limit: MeetingLeaseRules.maximumBody)
        let problems = MeetingLeaseRules.problems(in: body.leases)
        guard problems.isEmpty else { throw ProblemError.validation(problems) }
        return body.leases
    }
}
