import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import PresenceService

@Suite("What waits for webhooks", .timeLimit(.minutes(2)))
struct WebhookQueueTests {
    @Test("what was held by a process that is gone is taken over, and that one changes nothing any more")
    func takenOver() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            let queue = WebhookQueue(pool: bench.base.pool)
            let held = try #require(try await queue.take(1).first)
            #expect(try await queue.take(1).isEmpty)
            try await bench.base.pool.execute("update webhook set due_at = now()")
            try await bench.withPumps {
                _ = try await bench.taken(1)
                try await bench.untilEmpty()
            }
            let letters = try NewLetter.snapshot(
                try await bench.base.people.snapshot(of: bench.organization), of: bench.organization, from: .now)
            let row = try #require(try await bench.base.pool.query("select epoch, seq from webhook").first)
            let position = WebhookQueue.Position(epoch: try row.decode("epoch"), seq: try row.decode("seq"))
            try await queue.put(
                letters, upTo: .init(epoch: "old", seq: 1),
                after: .init(position: position, waiting: 0, nextTimestamp: .now), for: held)
            #expect(try await queue.counts().waiting == 0)
            #expect(try await queue.state(of: held) == nil)
        }
    }

    @Test("each message has a later timestamp than the one before, also when the clock is set back")
    func clockSetBack() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            try await bench.withPumps {
                _ = try await bench.taken(1)
                try await bench.base.pool.execute("update webhook set last_message_at = now() + interval '1 hour'")
                try await bench.set(.busy, Sample.account())
                _ = try await bench.taken(2)
                try await bench.set(.busy, Sample.account())
                let times = try await bench.taken(3).compactMap(\.messageTime)
                #expect(times[1].timeIntervalSinceNow > 3_000 && times[2] > times[1])
            }
        }
    }

    @Test("while nothing is to be sent, looking for it writes nothing")
    func idle() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            let queue = WebhookQueue(pool: bench.base.pool)
            let held = try #require(try await queue.take(1).first)
            func version() async throws -> String? {
                try await bench.base.pool.query("select xmin::text as version from webhook").first?.decode("version")
            }
            let before = try await version()
            #expect(try await queue.first(of: held) == nil)
            #expect(try await version() == before)
            let state = try #require(try await queue.state(of: held))
            let letters = try NewLetter.snapshot(
                PeopleSnapshot(epoch: "e", seq: 0, views: []), of: bench.organization, from: state.nextTimestamp)
            try await queue.put(letters, upTo: .init(epoch: "e", seq: 0), after: state, for: held)
            let put = try await version()
            #expect(try await queue.first(of: held)?.message == letters.first?.id)
            #expect(try await version() != put)
        }
    }

    @Test("a disabled organization's webhooks are told nothing until it is enabled, and then what is so")
    func disabledOrganization() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            let watch = OrganizationWatch(
                identity: bench.base.identityClient, logger: silentLogger(),
                keep: OrganizationStore(pool: bench.base.pool).keep)
            bench.base.identity.add(bench.organization, disabled: true)
            try await watch.look()
            #expect(try await WebhookQueue(pool: bench.base.pool).take(1).isEmpty)
            try await bench.set(.busy, Sample.account())
            bench.base.identity.add(bench.organization)
            try await watch.look()
            try await bench.withPumps { try await bench.untilRight() }
        }
    }
}
