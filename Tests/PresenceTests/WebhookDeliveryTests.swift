import Foundation
import HTTPTypes
import Logging
import ParleyProtocol
import Postgres
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Webhooks of telephone systems", .timeLimit(.minutes(2)))
struct WebhookDeliveryTests {
    @Test(
        "a webhook begins with a snapshot; then each change follows, signed with the secret that the operator was given"
    )
    func signed() async throws {
        try await WebhookBench.run { bench async throws in
            let ada = Sample.account()
            try await bench.set(.busy, text: "Schöne Grüße", ada)
            let secret = try await bench.add()
            try await bench.withPumps {
                let first = try await bench.taken(1)[0]
                let snapshot = try #require(first.snapshot)
                #expect(snapshot.organization == bench.organization && snapshot.parts == nil)
                #expect(snapshot.items.map(\.account) == [ada] && snapshot.items[0].text == "Schöne Grüße")
                try await bench.set(.doNotDisturb, ada)
                let second = try await bench.taken(2)[1]
                let changed = try #require(second.changed)
                #expect(changed.organization == bench.organization && changed.epoch == snapshot.epoch)
                #expect(changed.events.map(\.seq) == [snapshot.seq + 1])
                #expect(changed.events.map(\.state) == [.doNotDisturb] && changed.events[0].account == ada)
                for call in bench.receiver.calls {
                    #expect(call.isSigned(with: secret) && !call.isSigned(with: "whsec_AAAA"))
                    #expect(abs((Double(call.timestamp) ?? 0) - Date.now.timeIntervalSince1970) < 300)
                }
            }
        }
    }

    @Test("with a new secret the next message is signed with that one")
    func newSecret() async throws {
        try await WebhookBench.run { bench async throws in
            let old = try await bench.add()
            let id = try #require(try await bench.webhooks.all().first?.id)
            let new = try await bench.administration.newSecret(id: id.rawValue)
            try await bench.withPumps {
                let call = try await bench.taken(1)[0]
                #expect(call.isSigned(with: new) && !call.isSigned(with: old))
            }
            let kept = try await bench.base.pool.query("select secret from webhook").first
            let sealed = try #require(kept).decode("secret", as: [UInt8].self)
            #expect(bench.base.telephone.pump.vault.open(sealed, of: id)?.text == new)
            #expect(bench.base.telephone.pump.vault.open(sealed, of: WebhookID("another")) == nil)
        }
    }

    @Test("a receiver that fails twice gets everything in order, and nothing twice once it has taken it")
    func failsTwice() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            try await bench.withPumps {
                let start = try #require(try await bench.taken(1)[0].snapshot)
                bench.receiver.answer([500, 500])
                let changes = 30
                for number in 1...changes {
                    try await bench.set(number.isMultiple(of: 2) ? .busy : .absent, Sample.account())
                }
                try await eventually("all changes") {
                    let seqs = bench.receiver.seqs
                    return seqs.count == changes ? nil : "\(seqs.count)"
                }
                #expect(bench.receiver.seqs == Array(start.seq + 1...start.seq + changes))
                let calls = bench.receiver.calls
                #expect(calls.filter { $0.status == 500 }.count == 2)
                #expect(Set(bench.receiver.taken.map(\.id)).count == bench.receiver.taken.count)
                // What failed came again as it was, under its id.
                let failed = try #require(calls.first { $0.status == 500 })
                #expect(calls.filter { $0.id == failed.id }.map(\.status) == [500, 500, 200])
                #expect(Set(calls.filter { $0.id == failed.id }.map(\.body)).count == 1)
                try await bench.untilEmpty()
            }
        }
    }

    @Test("two processes side by side deliver each message once, one at a time and in order")
    func sideBySide() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            try await bench.withPumps(2) {
                let start = try #require(try await bench.taken(1)[0].snapshot)
                let changes = 60
                for _ in 1...changes { try await bench.set(.busy, Sample.account()) }
                try await eventually("all changes") {
                    let seqs = bench.receiver.seqs
                    return seqs.count >= changes ? nil : "\(seqs.count)"
                }
                #expect(bench.receiver.seqs == Array(start.seq + 1...start.seq + changes))
                #expect(bench.receiver.mostConcurrent == 1)
                #expect(Set(bench.receiver.calls.map(\.id)).count == bench.receiver.calls.count)
                let times = bench.receiver.taken.compactMap(\.messageTime)
                #expect(times == times.sorted() && Set(times).count == bench.receiver.taken.count)
            }
        }
    }

    @Test("when Redis has lost its memory a snapshot comes, and changes after it")
    func lostMemory() async throws {
        try await WebhookBench.run { bench async throws in
            let ada = Sample.account()
            try await bench.add()
            try await bench.withPumps {
                let first = try #require(try await bench.taken(1)[0].snapshot)
                try await bench.set(.busy, ada)
                _ = try await bench.taken(2)
                try await bench.base.redis.removeKeys(bench.base.redisClient)
                let epoch = try await bench.base.people.snapshot(of: bench.organization).epoch
                #expect(epoch != first.epoch)
                for state in [ManualState.busy, .absent] {
                    try await bench.set(state, ada)
                    try await eventually("\(state) in the new epoch") {
                        let picture = bench.receiver.picture
                        return picture.epoch == epoch && picture.states == [ada: state.rawValue] ? nil : "\(picture)"
                    }
                }
            }
        }
    }

    @Test("a redirect is not followed, and is a failure")
    func redirect() async throws {
        try await WebhookBench.run { bench async throws in
            try await bench.add()
            bench.receiver.answer([302, 307])
            try await bench.withPumps {
                _ = try await bench.taken(1)
                #expect(bench.receiver.calls.map(\.status) == [302, 307, 200] && bench.receiver.strays == 0)
                let failure = try #require(try await bench.listed().lastFailure)
                #expect(failure.reason == .refused && failure.status == 307)
            }
        }
    }

    @Test("a receiver that wants nothing any more (410) is left alone until the operator enables it")
    func gone() async throws {
        try await WebhookBench.run { bench async throws in
            let log = LogLines()
            try await bench.add()
            bench.receiver.answer([410])
            try await bench.withPumps(logger: Logger(label: "test") { _ in log.handler }) {
                try await eventually("the end") {
                    try await bench.listed().isEnabled ? "it is enabled" : nil
                }
                try await bench.set(.busy, Sample.account())
                let item = try await bench.listed()
                #expect(item.waiting == 0 && item.deadLetters == 1 && item.lastFailure?.status == 410)
                // Nothing can be sent to it, and what was given up stays.
                for path in ["retry", "\(bench.receiver.calls[0].id)/retry"] {
                    let answer = try await bench.base.send(
                        .post, "webhooks/\(item.id)/dead-letters/\(path)", as: bench.administrator)
                    #expect(answer.problem == "409 conflict")
                }
                // Many times as long as it takes to look for what is to be sent.
                try await Task.sleep(for: .milliseconds(500))
                #expect(bench.receiver.calls.count == 1)
                #expect(try await bench.listed().deadLetters == 1)
                #expect(log.all.contains { $0.contains("its webhook is disabled") && $0.contains(item.id.rawValue) })
                try await bench.administration.enable(id: item.id.rawValue)
                let snapshot = try #require(try await bench.taken(1)[0].snapshot)
                #expect(snapshot.items.count == 1)
            }
        }
    }

    @Test("while a receiver is down few messages wait, and all changes are told when it is back")
    func backPressure() async throws {
        try await WebhookBench.run { bench async throws in
            bench.receiver.setDown(true)
            try await bench.add()
            let changes = 250
            try await bench.withPumps(retry: WebhookRetry(pauses: Array(repeating: .milliseconds(50), count: 100_000)))
            {
                try await eventually("an attempt") { bench.receiver.calls.isEmpty ? "none" : nil }
                for _ in 1...changes { try await bench.set(.busy, Sample.account()) }
                try await eventually("full messages") {
                    let waiting = try await bench.listed().waiting
                    return waiting == 3 ? nil : "\(waiting) wait"
                }
                bench.receiver.setDown(false)
                try await eventually("all changes") {
                    let seqs = bench.receiver.seqs
                    return seqs.count == changes ? nil : "\(seqs.count)"
                }
                let start = try #require(bench.receiver.taken.first?.snapshot)
                #expect(bench.receiver.seqs == Array(start.seq + 1...start.seq + changes))
                #expect(bench.receiver.taken.compactMap(\.changed).map(\.events.count) == [100, 100, 50])
            }
        }
    }
}
