import Foundation
import ParleyProtocol
import ServiceKit
import Synchronization
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("Signing in during a meeting", .timeLimit(.minutes(1)))
struct SigningInTests {
    private static func ask(_ person: TestPerson, _ ticket: String) async throws -> TestPerson.Message {
        try await person.ask(.signIn(.init(ticket: ticket)))
    }

    @Test("a guest becomes the account for all, keeps seat and socket, also at another node, and presence learns of it")
    func guest() async throws {
        try await Listener.run(.presence, paths: ["meeting-leases", "meeting-leases/release"]) { presence in
            try await TestCluster.run(presence: presence.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let guest = try await cluster.enter("Somebody", node: 1)
                let welcome = try await guest.welcome()
                let claims = cluster.claims(name: "Grace Hopper", role: .moderator, account: "grace")
                #expect(try await Self.ask(guest, try await cluster.ticket(claims)).reply != nil)
                let seen = try #require(
                    try await ada.event("updated") { $0.participant?.name == "Grace Hopper" }.participant)
                #expect(seen.id == welcome.participant && !seen.guest && seen.role == .moderator && seen.connected)
                #expect(await guest.messages.filter { $0.type == "welcome" }.count == 1)
                let lease = MeetingLease(
                    participant: welcome.participant, account: AccountID("grace"), organization: OrganizationID("home"))
                try await eventually("presence knows") {
                    await presence.leases("/internal/meeting-leases") == [lease] ? nil : "it does not"
                }
                await guest.vanish()
                let back = try await cluster.resume(welcome.resumeToken)
                let there = try await back.welcome().participants.first { $0.id == welcome.participant }
                #expect(there?.name == "Grace Hopper" && there?.guest == false && there?.role == .moderator)
                _ = try await back.ask(.leave)
                try await eventually("presence knows of the end") {
                    await presence.leases("/internal/meeting-leases/release") == [lease] ? nil : "it does not"
                }
            }
        }
    }

    @Test("where somebody came from is kept with the seat, for bans, and told to nobody")
    func source() async throws {
        try await TestCluster.run { cluster in
            let other = try await cluster.enter("Other")
            var claims = cluster.claims(name: "Gina")
            claims.source = "203.0.113.7"
            let gina = try await cluster.connect(node: 1)
            try await gina.say(.hello(.init(ticket: try await cluster.ticket(claims))))
            let welcome = try await gina.welcome()
            func kept() async throws -> String? {
                try await cluster.withStore { store, _ in
                    try await store.entry(cluster.room, welcome.participant)?.entry.source
                }
            }
            #expect(try await kept() == "203.0.113.7")
            await gina.vanish()
            let back = try await cluster.resume(welcome.resumeToken)
            #expect(try await kept() == "203.0.113.7")
            var account = cluster.claims(name: "Gina", account: "gina")
            account.source = "2001:db8:1:2::/64"
            #expect(try await Self.ask(back, try await cluster.ticket(account)).reply != nil)
            #expect(try await kept() == "2001:db8:1:2::/64")
            for person in [other, gina, back] {
                for message in await person.messages {
                    let text = String(decoding: message.data, as: UTF8.self)
                    #expect(!text.contains("203.0.113.7") && !text.contains("2001:db8"))
                }
            }
        }
    }

    @Test("a ticket serves one, as often as that one asks, and nobody comes in with it")
    func once() async throws {
        try await TestCluster.run { cluster in
            let (first, second) = (try await cluster.enter("First"), try await cluster.enter("Second", node: 1))
            let ticket = try await cluster.ticket(cluster.claims(name: "Grace", account: "grace"))
            #expect(try await Self.ask(first, ticket).reply != nil)
            #expect(try await Self.ask(first, ticket).reply != nil)
            #expect(try await Self.ask(second, ticket).failure?.code == .ticketInvalid)
            let third = try await cluster.connect()
            try await third.say(.hello(.init(ticket: ticket)))
            #expect(try await third.refused().code == .ticketInvalid)
            // One that somebody came in with is used up, too.
            let used = try await cluster.ticket(cluster.claims(name: "Max", account: "max"))
            let max = try await cluster.connect()
            try await max.say(.hello(.init(ticket: used)))
            _ = try await max.welcome()
            #expect(try await Self.ask(second, used).failure?.code == .ticketInvalid)
            let people = try await cluster.withStore { store, _ in try await store.snapshot(cluster.room).participants }
            #expect(people.first { $0.name == "Second" }?.guest == true)
        }
    }

    @Test("no other ticket changes anything: of a guest, of another room, too old, forged, of another account")
    func refused() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let guest = try await cluster.enter("Somebody")
            let own = cluster.claims(name: "Grace", account: "grace")
            let tickets = [
                try await cluster.ticket(cluster.claims(name: "Guest")),
                try await cluster.ticket(cluster.claims(name: "Grace", room: newRoom(), account: "grace")),
                try await cluster.ticket(own, now: .now.addingTimeInterval(-600)),
                try await cluster.ticket(own) + "x", "",
            ]
            for ticket in tickets {
                #expect(try await Self.ask(guest, ticket).failure?.code == .ticketInvalid)
            }
            #expect(try await Self.ask(guest, try await cluster.ticket(own)).reply != nil)
            let other = try await cluster.ticket(cluster.claims(name: "Max", account: "max"))
            #expect(try await Self.ask(guest, other).failure?.code == .conflict)
            let people = try await cluster.withStore { store, _ in try await store.snapshot(cluster.room).participants }
            #expect(people.map(\.name) == ["Grace"])
        }
    }

    @Test("a moderator of the meeting stays one, and the seat ends with the session from then on")
    func session() async throws {
        let ended = Mutex<[SessionID]>([])
        try await Listener.run(
            .identity,
            answers: [
                "revocations": {
                    try jsonResponse(RevocationList(sessions: ended.withLock { $0 }, accounts: [], now: .now))
                }
            ]
        ) { identity in
            try await TestCluster.run(nodes: 1, identity: identity.url) { cluster in
                let guest = try await cluster.enter("Somebody", role: .moderator)
                let claims = cluster.claims(name: "Grace", account: "grace", session: SessionID("s1"))
                #expect(try await Self.ask(guest, try await cluster.ticket(claims)).reply != nil)
                let seen = try await guest.event("updated").participant
                #expect(seen?.role == .moderator)
                let second = try await cluster.enter("Another")
                ended.withLock { $0.append(SessionID("s1")) }
                let told = try await guest.event("session.ended").body(ServerMessage.SessionEnded.self)
                #expect(told.reason == .signedOut)
                let late = cluster.claims(name: "Grace", account: "grace", session: SessionID("s1"))
                #expect(
                    try await Self.ask(second, try await cluster.ticket(late)).failure?.code == .unauthenticated)
            }
        }
    }
}
