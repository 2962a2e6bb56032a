import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Meeting leases in Redis", .timeLimit(.minutes(1)))
struct MeetingLeaseStoreTests {
    private func withStore(
        lease: Duration = .seconds(45),
        _ body: @Sendable (MeetingLeaseStore, TestRedis, RedisClient) async throws -> Void
    ) async throws {
        try await TestRedis.withClient { redis, client in
            try await body(MeetingLeaseStore(redis: client, lease: lease, prefix: redis.prefix), redis, client)
        }
    }

    @Test("a lease is there until it is released, and repeating either does no harm")
    func release() async throws {
        try await withStore { store, _, _ in
            let lease = Sample.lease()
            for _ in 1...2 {
                try await store.renew([lease])
                let members = try await store.members(of: lease.organization)
                #expect(members == [MeetingMember(lease)])
            }
            for _ in 1...2 {
                try await store.release([lease])
                let members = try await store.members(of: lease.organization)
                #expect(members.isEmpty)
            }
        }
    }

    @Test("somebody in two meetings stays until the last one ends")
    func twoMeetings() async throws {
        try await withStore { store, _, _ in
            let first = Sample.lease()
            let second = Sample.lease(account: first.account, organization: first.organization)
            try await store.renew([first, second])
            try await store.release([first])
            let left = try await store.members(of: first.organization)
            #expect(left == [MeetingMember(second)])
            try await store.release([second])
            let none = try await store.members(of: first.organization)
            #expect(none.isEmpty)
        }
    }

    @Test("a lease that is not renewed expires by itself and leaves no key behind")
    func expiry() async throws {
        try await withStore(lease: .milliseconds(400)) { store, redis, client in
            let lease = Sample.lease()
            try await store.renew([lease])
            try await Task.sleep(for: .milliseconds(250))
            try await store.renew([lease])
            try await Task.sleep(for: .milliseconds(250))
            let renewed = try await store.members(of: lease.organization)
            #expect(renewed == [MeetingMember(lease)])
            try await eventually(timeout: .seconds(2), "the lease expires") {
                try await store.members(of: lease.organization).isEmpty ? nil : "the lease is still there"
            }
            try await eventually(timeout: .seconds(2), "the key expires") {
                let keys = try await client.send("KEYS", "*\(redis.prefix)*")
                return keys == .array([]) ? nil : "a key is left"
            }
        }
    }

    @Test("a renewal of one person does not prolong another's lease")
    func separateExpiry() async throws {
        try await withStore(lease: .milliseconds(500)) { store, _, _ in
            let gone = Sample.lease()
            let kept = Sample.lease(organization: gone.organization)
            try await store.renew([gone, kept])
            try await eventually(timeout: .seconds(3), "the other lease expires") {
                try await store.renew([kept])
                let members = try await store.members(of: gone.organization)
                return members == [MeetingMember(kept)] ? nil : "members: \(members.count)"
            }
        }
    }

    @Test("an organization sees its own people only, also when one request holds several")
    func organizations() async throws {
        try await withStore { store, _, _ in
            let leases = (1...5).map { _ in Sample.lease() }
            try await store.renew(leases)
            for lease in leases {
                let members = try await store.members(of: lease.organization)
                #expect(members == [MeetingMember(lease)])
            }
            let nobody = try await store.members(of: Sample.organization())
            #expect(nobody.isEmpty)
            try await store.release(leases)
            for lease in leases {
                let members = try await store.members(of: lease.organization)
                #expect(members.isEmpty)
            }
        }
    }

    @Test("a thousand leases of one organization go in one request")
    func many() async throws {
        try await withStore { store, _, _ in
            let organization = Sample.organization()
            let leases = (1...MeetingLeaseRules.maximumLeases).map { _ in Sample.lease(organization: organization) }
            try await store.renew(leases)
            let members = try await store.members(of: organization)
            #expect(Set(members) == Set(leases.map(MeetingMember.init)))
            try await store.renew([])
            try await store.release(leases)
            let none = try await store.members(of: organization)
            #expect(none.isEmpty)
        }
    }
}
