import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import PresenceService

@Suite("Dead letters of webhooks", .timeLimit(.minutes(2)))
struct DeadLetterTests {
    @Test(
        "what a receiver that is down does not take is a dead letter; an administrator lets everything be told anew instead"
    )
    func lifeOfALetter() async throws {
        try await WebhookBench.run { bench async throws in
            let (secret, ada) = (try await bench.add(), Sample.account())
            try await bench.untilDead()
            let item = try await bench.listed()
            #expect(item.isEnabled && item.lastDeliveredAt == nil)
            #expect(item.lastFailure?.reason == .refused && item.lastFailure?.status == 503)
            let path = "webhooks/\(item.id)/dead-letters"
            let list: DeadLetterList = try await bench.base.send(.get, path, as: bench.administrator).decode()
            let letter = try #require(list.items.last)
            #expect(list.items.count == item.deadLetters && list.nextCursor == nil)
            #expect(letter.type == "presence.snapshot" && letter.events == 0 && letter.attempts == 3)
            #expect(letter.lastFailure.status == 503 && letter.failedAt >= letter.createdAt)
            let whole: DeadLetter = try await bench.base.send(.get, "\(path)/\(letter.id)", as: bench.administrator)
                .decode()
            #expect(whole.letter == letter && whole.body == bench.receiver.calls.first?.body)

            try await bench.set(.busy, ada)
            let answer = try await bench.base.send(.post, "\(path)/\(letter.id)/retry", as: bench.administrator)
            #expect(answer.status == .accepted)
            let after = try await bench.listed()
            #expect(after.deadLetters == item.deadLetters - 1 && after.waiting == 0)
            let again = try await bench.base.send(.post, "\(path)/\(letter.id)/retry", as: bench.administrator)
            #expect(again.problem == "404 not_found")
            try await bench.withPumps {
                let call = try await bench.taken(1)[0]
                #expect(call.snapshot?.items.map(\.account) == [ada] && call.isSigned(with: secret))
                try await bench.untilEmpty()
                #expect(try await bench.listed().lastDeliveredAt != nil)
                #expect(!bench.receiver.taken.contains { $0.id == letter.id.rawValue })
            }
        }
    }

    @Test("what can't be delivered because nobody is there does not hold up what is newer")
    func unreachable() async throws {
        try await WebhookBench.run { bench async throws in
            let port = try await freePort()
            try await bench.add(url: "http://127.0.0.1:\(port)/hook")
            try await bench.withPumps {
                try await eventually("dead letters") {
                    try await bench.listed().deadLetters >= 2 ? nil : "not enough"
                }
                #expect(try await bench.listed().lastFailure?.reason == .unreachable)
            }
        }
    }

    @Test("one snapshot takes the place of all")
    func allAgain() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            try await bench.untilDead(4)
            let item = try await bench.listed()
            let path = "webhooks/\(item.id)/dead-letters"
            let first: DeadLetterList = try await bench.base.send(
                .get, "\(path)?limit=3", as: bench.administrator
            ).decode()
            let cursor = try #require(first.nextCursor)
            let second: DeadLetterList = try await bench.base.send(
                .get, "\(path)?limit=200&cursor=\(cursor)", as: bench.administrator
            ).decode()
            #expect(first.items.count == 3 && second.nextCursor == nil)
            // The newest first. What was still tried when nobody sent any more is none of them.
            let sent = bench.receiver.calls.map(\.id)
            let listed = (first.items + second.items).map(\.id.rawValue)
            #expect(listed.count == item.deadLetters)
            #expect(listed == Array(sent.reversed().filter(listed.contains).uniqued()))

            let answer: ResentLetters = try await bench.base.send(
                .post, "\(path)/retry", as: bench.administrator
            ).decode(.accepted)
            #expect(answer.letters == item.deadLetters)
            let after = try await bench.listed()
            #expect(after.deadLetters == 0 && after.waiting == 0)
            try await bench.withPumps {
                try await bench.untilRight()
                try await bench.untilEmpty()
                #expect(bench.receiver.taken.count == 1)
            }
            let none: ResentLetters = try await bench.base.send(
                .post, "\(path)/retry", as: bench.administrator
            ).decode(.accepted)
            #expect(none.letters == 0)
        }
    }

    @Test("a receiver that does not answer in time has failed")
    func tooSlow() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            bench.receiver.setPause(.seconds(2))
            try await bench.withPumps(timeout: .milliseconds(100)) {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters >= 1 ? nil : "none"
                }
                #expect(try await bench.listed().lastFailure?.reason == .timedOut)
            }
        }
    }

    @Test("of too many dead letters, and of those that are too old, the oldest go")
    func bounds() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            try await bench.base.pool.execute(
                """
                insert into webhook_letter
                    (webhook_id, message_id, type, events, body, attempts, died_at, failure_reason)
                select webhook.id, 'msg_' || number, 'presence.changed', 1, '{}', 6,
                    now() - make_interval(hours => number), 'timed_out'
                from webhook, generate_series(1, \(Limits.deadLetters)) number
                """)
            bench.receiver.setDown(true)
            try await bench.withPumps {
                try await eventually("one more dead letter, and none that is too old") {
                    let dead = try await bench.base.pool.query(
                        """
                        select count(*) as count, min(died_at) > now() - interval '30 days' as are_young,
                            bool_or(type = 'presence.snapshot') as has_new
                        from webhook_letter where died_at is not null
                        """
                    ).first
                    let (count, areYoung, hasNew) = (
                        try dead?.decode("count", as: Int.self), try dead?.decode("are_young", as: Bool.self),
                        try dead?.decode("has_new", as: Bool.self)
                    )
                    return (720..<Limits.deadLetters).contains(count ?? 0) && areYoung == true && hasNew == true
                        ? nil : "\(count ?? 0)"
                }
            }
            try await bench.base.pool.execute(
                """
                insert into webhook_letter
                    (webhook_id, message_id, type, events, body, attempts, died_at, failure_reason)
                select webhook.id, 'again_' || number, 'presence.changed', 1, '{}', 6, now() - interval '1 day', 'timed_out'
                from webhook, generate_series(1, \(Limits.deadLetters)) number
                """)
            bench.receiver.setDown(true)
            try await bench.withPumps {
                try await eventually("not too many") {
                    let dead = try await bench.listed().deadLetters
                    return dead == Limits.deadLetters ? nil : "\(dead)"
                }
            }
        }
    }

    @Test("only administrators of the organization see its webhooks, which show no secret")
    func administrators() async throws {
        try await WebhookBench.run { bench async throws in
            let secret = try await bench.add(url: "\(bench.url)?key=hidden")
            try await bench.untilDead()
            let count = try await bench.listed().deadLetters
            let listed = try await bench.base.send(.get, "webhooks", as: bench.administrator)
            let text = String(decoding: listed.body.readableBytesView, as: UTF8.self)
            #expect(!text.contains(secret) && !text.contains("hidden"))
            let item = try await bench.listed()
            #expect(
                item.url == WebhookAddress.shown(bench.url) && !item.url.contains("hook") && item.name == "Telephone")
            let path = "webhooks/\(item.id)/dead-letters"
            let list: DeadLetterList = try await bench.base.send(.get, path, as: bench.administrator).decode()
            let letter = try #require(list.items.first).id
            let (stranger, member) = (Sample.administrator(), Sample.member(of: bench.organization))
            let others: WebhookList = try await bench.base.send(.get, "webhooks", as: stranger).decode()
            #expect(others.items.isEmpty)
            #expect(try await bench.base.send(.get, "webhooks", as: member).problem == "403 forbidden")
            let doors: [(HTTPRequest.Method, String)] = [
                (.get, path), (.get, "\(path)/\(letter)"), (.post, "\(path)/\(letter)/retry"), (.post, "\(path)/retry"),
            ]
            for (method, door) in doors {
                #expect(try await bench.base.send(method, door, as: stranger).problem == "404 not_found")
                #expect(try await bench.base.send(method, door, as: member).problem == "403 forbidden")
                #expect(try await bench.base.send(method, door, token: nil).problem == "401 unauthenticated")
            }
            #expect(try await bench.listed().deadLetters == count)
        }
    }
}

extension Sequence where Element: Hashable {
    /// Each once, where it comes first.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
