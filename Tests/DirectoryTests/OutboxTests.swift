import Foundation
import Mail
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("What waits in the outbox", .timeLimit(.minutes(2)))
struct OutboxTests {
    @Test("who has not heard of an appointment is neither told of its change as of one nor that it is cancelled")
    func unheardOf() async throws {
        try await OutboxHarness.run { outbox in
            let all = ["new", "told", "tried", "doubtful"].map { "\($0)@example.org" }
            try await outbox.put(["told@example.org"], text: "invited", topic: "appointment:1", kind: .first)
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            for (answer, name) in [(SMTPServerProcess.Answer.busy, "tried"), (.dropsAtEnd, "doubtful")] {
                try outbox.server.set(answer)
                try await outbox.put(["\(name)@example.org"], text: "invited", topic: "appointment:1", kind: .first)
                try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            }
            try await outbox.put(["new@example.org"], text: "invited", topic: "appointment:1", kind: .first)
            try await outbox.put(all, text: "changed", topic: "appointment:1", kind: .later)
            try await outbox.put(all, text: "cancelled", topic: "appointment:1", kind: .last)
            try outbox.server.set(.taken)
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            let mails = try outbox.server.mails().map { try ReadMail($0.bytes) }
            let texts = mails.map { "\($0.to) \($0.text.trimmingCharacters(in: .whitespacesAndNewlines))" }
            // The server had the doubtful one, and could not say so.
            #expect(
                texts.sorted() == [
                    "doubtful@example.org cancelled", "doubtful@example.org invited", "told@example.org cancelled",
                    "told@example.org invited",
                ])
        }
    }

    @Test("who has heard nothing yet is invited to what has changed meanwhile, however the address is spelled")
    func introduced() async throws {
        try await OutboxHarness.run { outbox in
            try await outbox.put(["told@example.org"], text: "invited", topic: "appointment:1", kind: .first)
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            try await outbox.put(["New@example.org"], text: "invited", topic: "appointment:1", kind: .first)
            try await outbox.put(
                ["told@example.org", "new@example.org"], text: "changed", topic: "appointment:1", kind: .later,
                introduction: "invited anew")
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            let mails = try outbox.server.mails().map { try ReadMail($0.bytes) }
            let texts = mails.map { "\($0.to) \($0.text.trimmingCharacters(in: .whitespacesAndNewlines))" }
            #expect(
                texts.sorted() == [
                    "new@example.org invited anew", "told@example.org changed", "told@example.org invited",
                ])
        }
    }

    @Test("who was invited again while the word waited that he is not, has heard of it")
    func invitedAgain() async throws {
        try await OutboxHarness.run { outbox in
            let grace = ["grace@example.org"]
            try await outbox.put(grace, text: "invited", topic: "appointment:1", kind: .first)
            try await outbox.delivering { delivery in #expect(await delivery.sendNext()) }
            for (text, kind) in [("out", Outbox.Kind.last), ("in", .first), ("cancelled", .last)] {
                try await outbox.put(grace, text: text, topic: "appointment:1", kind: kind)
            }
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            let texts = try outbox.server.mails().map { try ReadMail($0.bytes).text }
            #expect(texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } == ["invited", "cancelled"])
        }
    }

    @Test("with a room what leads to it is dropped, and nothing else")
    func dropped() async throws {
        try await OutboxHarness.run { outbox in
            let (gone, kept) = (RoomID.random(), RoomID.random())
            try await outbox.put(["a@example.org"], room: gone)
            try await outbox.put(["b@example.org"], room: kept)
            try await outbox.put(["c@example.org"])
            try await outbox.pool.transaction { try Outbox(vault: outbox.vault).drop(room: gone, $0) }
            try await outbox.delivering { delivery in while await delivery.sendNext() {} }
            #expect(try outbox.server.mails().map(\.recipient) == ["b@example.org", "c@example.org"])
            let states = try await outbox.states()
            #expect(states.map(\.text) == ["dropped 0", "sent 1", "sent 1"] && states.allSatisfy { !$0.hasLetter })
        }
    }

    @Test("a mail waits while nobody knows where answers go, and goes without only when its time is over")
    func replies() async throws {
        try await OutboxHarness.run { outbox in
            let (people, ada, eve) = (PeopleStandIn(), someone(), someone())
            people.add(ada, email: "ada@example.org")
            try await people.run { identityURL in
                func send() async throws {
                    try await outbox.pool.execute("update mail set due_at = now() where state = 'waiting'")
                    try await outbox.delivering(identityURL: identityURL) { delivery in
                        while await delivery.sendNext() {}
                    }
                }
                people.isAway = true
                try await outbox.put(["grace@example.org"], by: ada.account)
                try await send()
                let waiting = try #require(try await outbox.states().first)
                #expect(waiting.text.hasPrefix("waiting 1 Where answers go") && waiting.hasLetter)
                #expect(try outbox.server.mails().isEmpty)
                people.isAway = false
                try await send()
                // Who is not there any more has no address, which is no reason to wait.
                try await outbox.put(["alan@example.org"], by: eve.account)
                try await send()
                people.isAway = true
                try await outbox.put(["mary@example.org"], by: ada.account)
                try await outbox.pool.execute(
                    "update mail set created_at = now() - interval '3 days' where state = 'waiting'")
                try await send()
            }
            let mails = try outbox.server.mails().map { try ReadMail($0.bytes) }
            #expect(
                mails.map { "\($0.to) \($0.replyTo ?? "-")" } == [
                    "grace@example.org Ada Lovelace <ada@example.org>", "alan@example.org -", "mary@example.org -",
                ])
        }
    }
}
