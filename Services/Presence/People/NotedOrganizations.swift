import ParleyProtocol
import Synchronization

/// Of which organizations this process has said a moment ago that something ends there by itself.
final class NotedOrganizations: Sendable {
    /// Much less than an organization is looked at without being noted; see `PeopleStore.ended`.
    private static let pause: Duration = .seconds(5)
    private static let most = 10_000

    private let times = Mutex<[OrganizationID: ContinuousClock.Instant]>([:])

    func isDue(_ organization: OrganizationID, now: ContinuousClock.Instant = .now) -> Bool {
        times.withLock { times in times[organization].map { now - $0 >= Self.pause } ?? true }
    }

    func note(_ organization: OrganizationID, now: ContinuousClock.Instant = .now) {
        times.withLock { times in
            if times.count >= Self.most { times = times.filter { now - $0.value < Self.pause } }
            times[organization] = now
        }
    }
}
