import Foundation
import ParleyProtocol
import Testing

@testable import PresenceService

@Suite("What webhooks are made of")
struct WebhookRulesTests {
    @Test("an address must be https, or http where that is allowed, and bring neither user nor fragment")
    func addresses() {
        for right in ["https://pbx.example/hook", "https://pbx.example:8443/hook?a=b", "HTTPS://[2001:db8::1]/"] {
            #expect(WebhookAddress(right, allowsPlain: false)?.text == right)
        }
        #expect(WebhookAddress("http://10.0.0.5/hook", allowsPlain: true) != nil)
        let wrong = [
            "", "http://10.0.0.5/hook", "ftp://pbx.example", "pbx.example", "/hook", "https://", "https:///hook",
            "https://user:word@pbx.example/", "https://pbx.example/#part", "https://pbx.example/a b",
            "https://pbx.example/\r\nHost:x", "https://" + String(repeating: "a", count: 2_000),
        ]
        for text in wrong { #expect(WebhookAddress(text, allowsPlain: false) == nil, "\(text)") }
        #expect(WebhookAddress.shown("https://u:p@pbx.example/hook?key=1") == "https://pbx.example")
        #expect(WebhookAddress.shown("https://pbx.example:8443/hooks/secret#a") == "https://pbx.example:8443")
    }

    @Test("a failure is tried again after 1 s, 5 s, 30 s, 2 min and 10 min, and a little more, and is then given up")
    func retry() throws {
        let retry = WebhookRetry()
        for (failures, seconds) in [1, 5, 30, 120, 600].enumerated() {
            let pause = try #require(retry.pause(afterFailures: failures))
            #expect(pause >= .seconds(seconds) && pause <= .seconds(seconds) * 1.2)
        }
        #expect(retry.pause(afterFailures: 5) == nil)
    }

    @Test("a hundred changes make one message, and more than 2000 people a snapshot in parts")
    func sizes() throws {
        let organization = Sample.organization()
        let json = try WireJSON.encode(PresenceView(account: Sample.account(), seen: .inMeeting))
        let changes = (1...201).map { PeopleChange(seq: $0, view: json) }
        let letters = try NewLetter.changed(changes, of: organization, epoch: "e", from: .now)
        #expect(letters.map(\.events) == [100, 100, 1])
        let last = try WireJSON.decoder.decode(WebhookMessage.Changed.self, from: Data(letters[2].body))
        #expect(last.events.map(\.seq) == [201] && last.events[0].note == .inMeeting)

        func snapshot(_ count: Int) throws -> [WebhookMessage.Snapshot] {
            let views = (0..<count).map { _ in RawPresenceView(account: Sample.account(), json: json) }
            return try NewLetter.snapshot(
                PeopleSnapshot(epoch: "e", seq: 7, views: views), of: organization, from: .now
            ).map {
                try WireJSON.decoder.decode(WebhookMessage.Snapshot.self, from: Data($0.body))
            }
        }
        #expect(try snapshot(0).map(\.items.count) == [0])
        #expect(try snapshot(2_000).map(\.part) == [nil])
        let parts = try snapshot(4_001)
        #expect(parts.map(\.part) == [1, 2, 3] && parts.allSatisfy { $0.parts == 3 && $0.seq == 7 })
        #expect(parts.map(\.items.count) == [2_000, 2_000, 1])
        #expect(parts.map(\.timestamp) == parts.map(\.timestamp).sorted() && Set(parts.map(\.timestamp)).count == 3)
    }

    @Test("what only a newer release can read is left out, and the rest is told")
    func unreadable() throws {
        let (organization, known) = (Sample.organization(), Sample.account())
        let json = try WireJSON.encode(PresenceView(account: known, seen: .inMeeting))
        let newer = Array(#"{"account":"\(Sample.account())","state":"asleep"}"#.utf8)
        let snapshot = PeopleSnapshot(
            epoch: "e", seq: 7,
            views: [
                RawPresenceView(account: Sample.account(), json: newer), RawPresenceView(account: known, json: json),
            ])
        #expect(snapshot.decoded().items.map(\.account) == [known])
        let changes = [
            PeopleChange(seq: 1, view: json), PeopleChange(seq: 2, view: newer), PeopleChange(seq: 3, view: json),
        ]
        let letter = try #require(
            try NewLetter.changed(changes, of: organization, epoch: "e", from: .now).first)
        let message = try WireJSON.decoder.decode(WebhookMessage.Changed.self, from: Data(letter.body))
        #expect(message.events.map(\.seq) == [1, 3] && letter.events == 2)
        #expect(try NewLetter.changed([changes[1]], of: organization, epoch: "e", from: .now).isEmpty)
    }

    @Test("the operator's commands refuse what can't be right")
    func commands() async throws {
        try await WebhookBench.run { bench async throws in
            let (webhooks, organization) = (bench.administration, bench.organization.rawValue)
            await #expect(throws: CommandProblem.self) {
                try await webhooks.add(organization: organization, url: bench.url, name: nil, allowsPlain: false)
            }
            await #expect(throws: CommandProblem.self) {
                try await webhooks.add(organization: "4711-0815", url: bench.url, name: nil, allowsPlain: true)
            }
            await #expect(throws: CommandProblem.self) {
                try await webhooks.add(organization: organization, url: bench.url, name: "a\u{0}", allowsPlain: true)
            }
            let unknown = UUID().uuidString
            await #expect(throws: CommandProblem("There is no organization with this id.")) {
                try await webhooks.add(organization: unknown, url: bench.url, name: nil, allowsPlain: true)
            }
            // It stands on the second page of identity's list, or on the first.
            bench.base.identity.add(Sample.organization())
            for id in ["nonsense", UUID().uuidString] {
                await #expect(throws: CommandProblem.self) { try await webhooks.remove(id: id) }
                await #expect(throws: CommandProblem.self) { try await webhooks.enable(id: id) }
                await #expect(throws: CommandProblem.self) { try await webhooks.newSecret(id: id) }
            }
            #expect(try await webhooks.list().isEmpty)
            let made = try await webhooks.add(
                organization: organization, url: "\(bench.url)?key=hidden", name: nil, allowsPlain: true)
            #expect(made.secret.hasPrefix("whsec_"))
            #expect(
                try await webhooks.list()
                    == ["\(made.id)\t\(organization)\tenabled\tTelephone system\t\(WebhookAddress.shown(bench.url))"])
            try await webhooks.remove(id: made.id)
            #expect(try await webhooks.list().isEmpty)
        }
    }
}
