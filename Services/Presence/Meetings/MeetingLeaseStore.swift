import ParleyProtocol
import Redis

/// Who is in a meeting, as leases in Redis that signaling renews and that expire by themselves when it does not.
///
/// The key `{o:ORGANIZATION}:meetings` holds one organization; no call touches two, so any of them may be on its own node.
struct MeetingLeaseStore: Sendable {
    private let redis: RedisClient
    private let lease: Duration
    private let prefix: String

    /// - Parameters:
    ///   - lease: how long a lease lasts from its last renewal, in whole milliseconds.
    ///   - prefix: stands before the key, inside the hash tag, for tests that share a Redis.
    init(redis: RedisClient, lease: Duration = .seconds(Limits.presenceLease), prefix: String = "") {
        self.redis = redis
        self.lease = lease
        self.prefix = prefix
    }

    /// Grants or renews. Repeating it does no harm.
    ///
    /// - Throws: `RedisError`. Some organizations' leases may have been renewed then.
    func renew(_ leases: [MeetingLease]) async throws {
        let milliseconds = RedisArgument(Self.milliseconds(lease))
        try await forEachOrganization(of: leases) { key, members in
            _ = try await redis.evaluate(
                MeetingLeaseScripts.renew, keys: [key], arguments: [milliseconds] + members)
        }
    }

    /// Ends leases at once. Leases that are not there are no error.
    ///
    /// - Throws: `RedisError`. What was not released expires.
    func release(_ leases: [MeetingLease]) async throws {
        try await forEachOrganization(of: leases) { key, members in
            try await redis.send(["ZREM", RedisArgument(key)] + members)
        }
    }

    /// Everybody of this organization who is in a meeting, once per meeting.
    ///
    /// - Throws: `RedisError`.
    func members(of organization: OrganizationID) async throws -> [MeetingMember] {
        let reply = try await redis.evaluate(MeetingLeaseScripts.members, keys: [key(organization)])
        return (reply.array ?? []).compactMap { $0.string.flatMap(MeetingMember.init(text:)) }
    }

    private func key(_ organization: OrganizationID) -> String {
        "{\(prefix)o:\(organization)}:meetings"
    }

    /// All calls go out together, so that many organizations cost one round trip.
    private func forEachOrganization(
        of leases: [MeetingLease], _ body: @escaping @Sendable (String, [RedisArgument]) async throws -> Void
    ) async throws {
        let organizations = Dictionary(grouping: leases, by: \.organization)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (organization, leases) in organizations {
                let members = Set(leases.map(MeetingMember.init)).map { RedisArgument($0.text) }
                group.addTask { try await body(key(organization), members) }
            }
            try await group.waitForAll()
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = min(duration, .seconds(24 * 60 * 60)).components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
