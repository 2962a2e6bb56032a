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
    @Test("what a receiver that is down does not take is a dead letter, which an administrator sees and sends again")
    func lifeOfALetter() async throws {
        try await WebhookBench.run { bench async throws in
            let secret = try await bench.add()
            bench.receiver.setDown(true)
            try await bench.withPumps {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters == 1 ? nil : "none"
                }
                let item = try await bench.listed()
                #expect(item.waiting == 0 && item.isEnabled && item.lastDeliveredAt == nil)
                #expect(item.lastFailure?.reason == .refused && item.lastFailure?.status == 503)
                let path = "webhooks/\(item.id)/dead-letters"
                let list: DeadLetterList = try await bench.base.send(.get, path, as: bench.administrator).decode()
                let letter = try #require(list.items.first)
                #expect(list.items.count == 1 && list.nextCursor == nil)
                #expect(letter.type == "presence.snapshot" && letter.events == 0 && letter.attempts == 3)
                #expect(letter.lastFailure.status == 503 && letter.failedAt >= letter.createdAt)
                let whole: DeadLetter = try await bench.base.send(.get, "\(path)/\(letter.id)", as: bench.administrator)
                    .decode()
                #expect(whole.letter == letter && whole.body == bench.receiver.calls.first?.body)

                bench.receiver.setDown(false)
                let answer = try await bench.base.send(.post, "\(path)/\(letter.id)/retry", as: bench.administrator)
                #expect(answer.status == .accepted)
                let call = try await bench.taken(1)[0]
                #expect(call.id == letter.id.rawValue && call.body == whole.body && call.isSigned(with: secret))
                try await bench.untilEmpty()
                let after = try await bench.listed()
                #expect(after.deadLetters == 0 && after.lastDeliveredAt != nil)
                let again = try await bench.base.send(.post, "\(path)/\(letter.id)/retry", as: bench.administrator)
                #expect(again.problem == "404 not_found")
            }
        }
    }

    @Test("what can't be delivered because nobody is there does not hold up what is newer")
    func unreachable() async throws {
        try await WebhookBench.run { bench async throws in
            let port = try await freePort()
            try await bench.add(url: "http://127.0.0.1:\(port)/hook")
            try await bench.withPumps {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters == 1 ? nil : "none"
                }
                #expect(try await bench.listed().lastFailure?.reason == .unreachable)
                try await bench.set(.busy, Sample.account())
                try await eventually("a second dead letter") {
                    try await bench.listed().deadLetters == 2 ? nil : "one"
                }
            }
        }
    }

    @Test("all are sent again together, in their order")
    func allAgain() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            bench.receiver.setDown(true)
            try await bench.withPumps {
                for count in 1...3 {
                    try await eventually("\(count) dead letters") {
                        try await bench.listed().deadLetters == count ? nil : "not yet"
                    }
                    try await bench.set(.busy, Sample.account())
                }
                try await eventually("all dead letters") {
                    try await bench.listed().deadLetters == 4 ? nil : "not yet"
                }
                let id = try await bench.listed().id
                let path = "webhooks/\(id)/dead-letters"
                let dead = bench.receiver.calls.map(\.id)
                let first: DeadLetterList = try await bench.base.send(
                    .get, "\(path)?limit=3", as: bench.administrator
                ).decode()
                let cursor = try #require(first.nextCursor)
                let second: DeadLetterList = try await bench.base.send(
                    .get, "\(path)?limit=3&cursor=\(cursor)", as: bench.administrator
                ).decode()
                #expect(second.nextCursor == nil)
                let listed = (first.items + second.items).map(\.id.rawValue)
                var order: [String] = []
                for id in dead where !order.contains(id) { order.append(id) }
                #expect(listed == order.reversed())

                bench.receiver.setDown(false)
                let answer: ResentLetters = try await bench.base.send(
                    .post, "\(path)/retry", as: bench.administrator
                ).decode(.accepted)
                #expect(answer.letters == 4)
                #expect(try await bench.taken(4).map(\.id) == order)
            }
        }
    }

    @Test("a receiver that does not answer in time has failed")
    func tooSlow() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            bench.receiver.setPause(.seconds(2))
            try await bench.withPumps(timeout: .milliseconds(100)) {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters == 1 ? nil : "none"
                }
                #expect(try await bench.listed().lastFailure?.reason == .timedOut)
            }
        }
    }

    @Test("what is sent again does not hold up what is newer")
    func newerFirst() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            bench.receiver.setDown(true)
            try await bench.withPumps {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters == 1 ? nil : "none"
                }
            }
            bench.receiver.setDown(false)
            try await bench.set(.busy, Sample.account())
            let id = try await bench.listed().id
            let answer = try await bench.base.send(
                .post, "webhooks/\(id)/dead-letters/retry", as: bench.administrator)
            #expect(answer.status == .accepted)
            try await bench.withPumps {
                let taken = try await bench.taken(2)
                #expect(taken[0].changed != nil && taken[1].snapshot != nil)
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
                    return count == 720 && areYoung == true && hasNew == true ? nil : "\(count ?? 0)"
                }
            }
            try await bench.base.pool.execute(
                """
                insert into webhook_letter
                    (webhook_id, message_id, type, events, body, attempts, died_at, failure_reason)
                select webhook.id, 'again_' || number, 'presence.changed', 1, '{}', 6, now() - interval '1 day', 'timed_out'
                from webhook, generate_series(1, \(Limits.deadLetters)) number
                """)
            try await bench.set(.busy, Sample.account())
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
            bench.receiver.setDown(true)
            try await bench.withPumps {
                try await eventually("a dead letter") {
                    try await bench.listed().deadLetters == 1 ? nil : "none"
                }
            }
            let listed = try await bench.base.send(.get, "webhooks", as: bench.administrator)
            let text = String(decoding: listed.body.readableBytesView, as: UTF8.self)
            #expect(!text.contains(secret) && !text.contains("hidden"))
            let item = try await bench.listed()
            #expect(item.url == bench.url && item.name == "Telephone")
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
            #expect(try await bench.listed().deadLetters == 1)
        }
    }
}
