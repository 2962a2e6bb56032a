import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/internal/meeting-leases`: signaling says who is in a meeting. Guests have no account and never come here.
struct MeetingLeaseRoutes: Sendable {
    /// People who are changed at once for one request.
    private static let concurrency = 32

    let people: People

    /// - Parameter routes: those of the inner listener below `/internal`, which let only services in.
    func add(to routes: RouterGroup<ServiceRequestContext>) {
        routes.post("meeting-leases") { request, context in
            try await change(try await acceptedLeases(request, context)) { .meeting($0) }
            return emptyResponse()
        }
        routes.post("meeting-leases/release") { request, context in
            try await change(try await acceptedLeases(request, context)) { .meetingEnded($0) }
            return emptyResponse()
        }
    }

    /// Repeating it does no harm. When it fails, some leases may have changed.
    private func change(
        _ leases: [MeetingLease], _ change: @escaping @Sendable (ParticipantID) -> PersonChange
    ) async throws {
        let people = Dictionary(grouping: leases) { PersonKey(organization: $0.organization, account: $0.account) }
        try await withThrowingDiscardingTaskGroup { group in
            for line in Array(people).split(into: Self.concurrency) {
                group.addTask {
                    for (person, leases) in line {
                        try await self.people.change(person, leases.map { change($0.participant) })
                    }
                }
            }
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
