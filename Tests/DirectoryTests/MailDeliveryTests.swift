import Foundation
import Logging
import Mail
import ParleyProtocol
import Postgres
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Sending what is in the outbox", .timeLimit(.minutes(2)))
struct MailDeliveryTests {
    @Test("a mail that was sent is kept without its text, and is not sent again")
    func sent() async throws {
        try await OutboxHarness.run { outbox in
            try await outbox.put(["grace@example.org"], text: "PIN: 482913")
            let waiting = try await outbox.queue.waiting()
            #expect(waiting == 1)
            try await outbox.delivering { delivery in
                #expect(await delivery.sendNext())
                #expect(await !delivery.sendNext())
            }
            let mail = try ReadMail(try #require(try outbox.server.mails().first).bytes)
            #expect(mail.to == "grace@example.org" && mail.text.contains("482913"))
            #expect(mail.automatic == "auto-generated")
            let states = try await outbox.states()
            #expect(states.map(\.text) == ["sent 1"] && states.first?.hasLetter == false)
        }
    }

    @Test(
        "a mail that the server does not take now waits for a minute, its text with it",
        arguments: [SMTPServerProcess.Answer.busy, .busyAtEnd, .drops])
    func postponed(_ answer: SMTPServerProcess.Answer) async throws {
        try await OutboxHarness.run { outbox in
            try outbox.server.set(answer)
            try await outbox.put(["grace@example.org"])
            try await outbox.delivering { delivery in
                #expect(await delivery.sendNext())
                #expect(await !delivery.sendNext())
            }
            let state = try #require(try await outbox.states().first)
            #expect(state.text.hasPrefix("waiting 1 ") && state.hasLetter)
            #expect(!state.text.contains("grace"))
            let pause = try await outbox.pool.query(
                "select extract(epoch from due_at - now())::float8 as pause from mail"
            ).first?.decode("pause", as: Double.self)
            #expect((30...60).contains(pause ?? 0))
            // When its time has come, it is sent.
            try outbox.server.set(.taken)
            try await outbox.pool.execute("update mail set due_at = now()")
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            #expect(try outbox.server.mails().count == 1)
            #expect(try await outbox.states().map(\.text) == ["sent 2"])
        }
    }

    @Test("a mail that the server refuses is given up, as is one that is three days old")
    func givenUp() async throws {
        try await OutboxHarness.run { outbox in
            try outbox.server.set(.refused)
            try await outbox.put(["grace@example.org"])
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            try outbox.server.set(.busy)
            try await outbox.put(["ada@example.org"])
            try await outbox.pool.execute(
                "update mail set created_at = now() - interval '3 days' where state = 'waiting'")
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            let states = try await outbox.states()
            #expect(states.allSatisfy { $0.text.hasPrefix("failed 1 The mail server") && !$0.hasLetter })
            #expect(states.count == 2)
        }
    }

    @Test("two processes side by side send each mail once")
    func sideBySide() async throws {
        try await OutboxHarness.run { outbox in
            let recipients = (1...40).map { "person\($0)@example.org" }
            try await outbox.put(recipients)
            try await outbox.delivering { one in
                try await outbox.delivering { other in
                    await withDiscardingTaskGroup { group in
                        for delivery in [one, other, one, other, one, other] {
                            group.addTask { while await delivery.sendNext() {} }
                        }
                    }
                }
            }
            #expect(try outbox.server.mails().map(\.recipient).sorted() == recipients.sorted())
            #expect(try await outbox.states().allSatisfy { $0.text == "sent 1" })
        }
    }

    @Test("what a process took that was killed is nobody's until its lease is over, and then somebody else's")
    func killed() async throws {
        try await OutboxHarness.run { outbox in
            try await outbox.put(["grace@example.org"])
            let lost = try #require(try await outbox.queue.take())
            try await outbox.delivering { delivery in
                #expect(await !delivery.sendNext())
                try await outbox.pool.execute(
                    "update mail set due_at = due_at - make_interval(secs => \(MailQueue.lease))")
                #expect(await delivery.sendNext())
            }
            // The dead one comes back, and has nothing to say any more.
            try await outbox.queue.note(.again(0, "late"), of: lost)
            #expect(try await outbox.states().map(\.text) == ["sent 2"])
            #expect(try outbox.server.mails().count == 1)
        }
    }

    @Test("a mail whose taking was not heard of is sent again under the same Message-ID")
    func unheard() async throws {
        try await OutboxHarness.run { outbox in
            try outbox.server.set(.dropsAtEnd)
            try await outbox.put(["grace@example.org"])
            try await outbox.delivering { delivery in
                #expect(await delivery.sendNext())
                try outbox.server.set(.taken)
                try await outbox.pool.execute("update mail set due_at = now()")
                #expect(await delivery.sendNext())
            }
            let mails = try outbox.server.mails()
            #expect(mails.count == 2 && mails.first?.bytes == mails.last?.bytes)
        }
    }

    @Test("a newer mail about the same takes the place of one that waits, and of no other")
    func replaced() async throws {
        try await OutboxHarness.run { outbox in
            try await outbox.put(["grace@example.org", "ada@example.org"], text: "old", topic: "appointment:1")
            try await outbox.put(["grace@example.org"], text: "other", topic: "appointment:2")
            try await outbox.put(["grace@example.org"], text: "new", topic: "appointment:1")
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            let mails = try outbox.server.mails().map { try ReadMail($0.bytes) }
            let texts = mails.map { "\($0.to) \($0.text.trimmingCharacters(in: .whitespacesAndNewlines))" }
            #expect(texts.sorted() == ["ada@example.org old", "grace@example.org new", "grace@example.org other"])
        }
    }

    @Test("at SIGTERM what is under way comes to its end, and nothing more is begun")
    func stopping() async throws {
        try await OutboxHarness.run { outbox in
            try outbox.server.set(.silent)
            try await outbox.put((1...10).map { "person\($0)@example.org" })
            try await outbox.delivering { delivery in
                let group = ServiceGroup(services: [delivery], logger: Harness.quiet)
                let running = Task { try await group.run() }
                try await eventually("a mail is under way") { outbox.server.isSilent ? nil : "not yet" }
                await group.triggerGracefulShutdown()
                // The server says nothing: after the grace they are stopped, and wait for another attempt.
                let ended = await bounded(MailDelivery.grace + .seconds(15)) { try? await running.value }
                #expect(ended != nil)
            }
            let states = try await outbox.states().map(\.text)
            #expect(states.allSatisfy { $0.hasPrefix("waiting 1 Sending was stopped") || $0 == "waiting 0" })
            #expect(states.contains { $0 == "waiting 0" } && states.contains { $0 != "waiting 0" })
        }
    }

    @Test("what became of a mail is forgotten after 30 days")
    func forgotten() async throws {
        try await OutboxHarness.run { outbox in
            try await outbox.put(["grace@example.org", "ada@example.org"])
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            try await outbox.put(["eve@example.org"])
            try await outbox.pool.execute(
                "update mail set finished_at = now() - interval '31 days' where recipient = 'ada@example.org'")
            try await outbox.queue.removeOld()
            let left = try await outbox.pool.query("select recipient from mail order by recipient")
                .map { try $0.decode("recipient", as: String.self) }
            #expect(left == ["eve@example.org", "grace@example.org"])
        }
    }
}
