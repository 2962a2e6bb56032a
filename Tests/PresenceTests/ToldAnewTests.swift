import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import PresenceService

@Suite("Receivers of webhooks that are told everything anew", .timeLimit(.minutes(2)))
struct ToldAnewTests {
    @Test("whatever was given up, the receiver knows what is so once it is back, with nobody's help")
    func rightAgain() async throws {
        try await WebhookBench.run { bench async throws in
            let (ada, grace) = (Sample.account(), Sample.account())
            try await bench.add()
            try await bench.untilDead()
            try await bench.withPumps {
                try await bench.untilRight()
                try await bench.untilEmpty()
            }
            // This time it is a change that it does not get.
            try await bench.set(.busy, ada)
            let before = try await bench.listed().deadLetters
            try await bench.untilDead(before + 1)
            let path = "webhooks/\(try await bench.listed().id)/dead-letters"
            let list: DeadLetterList = try await bench.base.send(.get, path, as: bench.administrator).decode()
            #expect(list.items.contains { $0.type == "presence.changed" })
            try await bench.set(.absent, grace)
            try await bench.withPumps {
                try await bench.untilRight()
                #expect(bench.receiver.picture.states == [ada: "busy", grace: "absent"])
            }
        }
    }

    @Test("of a snapshot of which a part was given up the rest is not sent; another one comes")
    func partGivenUp() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            let queue = WebhookQueue(pool: bench.base.pool)
            let held = try #require(try await queue.take(1).first)
            let state = try #require(try await queue.state(of: held))
            let view = try WireJSON.encode(PresenceView(account: Sample.account(), seen: .inMeeting))
            let many = (1...4_001).map { _ in RawPresenceView(account: Sample.account(), json: view) }
            let letters = try NewLetter.snapshot(
                PeopleSnapshot(epoch: "e", seq: 7, views: many), of: bench.organization, from: state.nextTimestamp)
            try await queue.put(letters, upTo: .init(epoch: "e", seq: 7), after: state, for: held)
            try await queue.release(held, after: .zero)
            bench.receiver.answer([200, 503, 503, 503])
            try await bench.withPumps {
                try await bench.untilRight()
                let taken = bench.receiver.taken.compactMap(\.snapshot)
                #expect(taken.map(\.part) == [1, nil] && taken.last?.epoch != "e")
                #expect(try await bench.listed().deadLetters == 1)
            }
        }
    }

    @Test("what was put together before everything is to be told anew is not sent")
    func overtaken() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            let queue = WebhookQueue(pool: bench.base.pool)
            let held = try #require(try await queue.take(1).first)
            let start = try #require(try await queue.state(of: held))
            let snapshot = PeopleSnapshot(epoch: "e", seq: 1, views: [])
            func letters(_ state: WebhookQueue.State) throws -> [NewLetter] {
                try NewLetter.snapshot(snapshot, of: bench.organization, from: state.nextTimestamp)
            }
            try await queue.put(try letters(start), upTo: .init(epoch: "e", seq: 1), after: start, for: held)
            let next = try #require(try await queue.state(of: held))
            #expect(next.waiting == 1 && next.nextTimestamp > start.nextTimestamp)
            try await bench.base.pool.execute("update webhook_letter set died_at = now(), failure_reason = 'timed_out'")
            #expect(try await DeadLetterStore(pool: bench.base.pool).replace(of: held.id) == 1)
            try await queue.put(try letters(next), upTo: .init(epoch: "e", seq: 2), after: next, for: held)
            let now = try #require(try await queue.state(of: held))
            #expect(now.waiting == 0 && now.position == nil)
        }
    }
}
