import Foundation
import ParleyProtocol
import Postgres
import Redis
import TestSupport

@testable import PresenceService

/// Everybody's presence over a real Redis and PostgreSQL, and one person to begin with.
struct PeopleBench: Sendable {
    let people: People
    let redis: TestRedis
    let client: RedisClient
    let person = PersonKey(organization: Sample.organization(), account: Sample.account())

    func seen(_ person: PersonKey? = nil) async throws -> SeenPresence {
        let person = person ?? self.person
        let view = try await people.snapshot(of: person.organization, accounts: [person.account]).views.first
        guard let view = try view?.decoded() else { return .hidden }
        return SeenPresence(state: view.state, note: view.note, text: view.text, until: view.until)
    }

    func loseMemory() async throws { try await redis.removeKeys(client) }

    /// Lets the leases of meetings and devices be over that nobody renews any more.
    func end(_ leases: [PersonChange], of person: PersonKey? = nil) async throws {
        let store = PeopleStore(redis: client, lease: .milliseconds(20), prefix: redis.prefix)
        _ = try await store.change(person ?? self.person, leases)
        try await Task.sleep(for: .milliseconds(30))
    }

    /// What a process does every few seconds, now.
    func settleEnds() async throws {
        let organizations = RedisArgument("\(redis.prefix)p:organizations")
        try await client.send("ZADD", organizations, "XX", "0", RedisArgument(person.organization.rawValue))
        try await people.settleEnds()
    }

    static func run(
        lease: Duration = .seconds(60), _ body: @Sendable (PeopleBench) async throws -> Void
    ) async throws {
        try await TestDatabase.withPool(migrator: presenceMigrator) { pool in
            try await TestRedis.withClient { redis, client in
                let people = People(
                    store: PeopleStore(redis: client, lease: lease, prefix: redis.prefix),
                    settings: PersonSettingsStore(pool: pool))
                try await body(PeopleBench(people: people, redis: redis, client: client))
            }
        }
    }
}
