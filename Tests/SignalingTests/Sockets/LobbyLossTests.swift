import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

/// What becomes of people who wait when Redis loses its memory.
@Suite("The lobby after a loss of Redis", .timeLimit(.minutes(1)))
struct LobbyLossTests {
    private static let guests = SeatLobbyTests.policy { $0.lobby = .guests }

    private static var times: SignalingTimes {
        var times = SignalingTimes.forTests()
        times.beat = .milliseconds(300)
        times.tick = .milliseconds(200)
        times.line = .milliseconds(800)
        return times
    }

    private func with(
        rebuild: Duration = .seconds(1),
        _ body: @escaping @Sendable (TestCluster, _ mod: TestPerson) async throws -> Void
    ) async throws {
        var times = Self.times
        times.rebuild = rebuild
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(redisURL: server.url, times: times) { cluster in
                var mod: TestPerson?
                try await eventually(timeout: .seconds(20), "the window of the start ends") {
                    let person = try await cluster.knock("Mod", policy: Self.guests, role: .moderator)
                    let answer = try await person.first("an answer") { ["welcome", "refused"].contains($0.type) }
                    if answer.type == "welcome" { mod = person }
                    return answer.type == "welcome" ? nil : "refused"
                }
                try await body(cluster, try #require(mod))
            }
        }
    }

    private func forget(_ cluster: TestCluster) async throws -> Date {
        let now = Date.now
        try await cluster.withStore { _, redis in _ = try await redis.send("FLUSHALL") }
        return now
    }

    /// The lobby as the moderator sees it once all of it is of after a time.
    private func lobby(of mod: TestPerson, after time: Date) async throws -> [ServerMessage.Lobby.Person] {
        var people: [ServerMessage.Lobby.Person] = []
        try await eventually(timeout: .seconds(20), "a new list of the lobby") {
            let lists = await mod.messages.filter { $0.type == "lobby" }
            people = try lists.last?.body(ServerMessage.Lobby.self).people ?? []
            return people.count == 2 && people.allSatisfy { $0.since >= time } ? nil : "\(people.map(\.name))"
        }
        return people
    }

    @Test("who waited waits again on the same socket, and nobody comes in without being admitted")
    func waitsAgain() async throws {
        try await with { cluster, mod in
            let gina = try await cluster.knock("Gina", policy: Self.guests, node: 1)
            try await gina.waits(for: .lobby)
            let hugo = try await cluster.knock("Hugo", policy: Self.guests)
            try await hugo.waits(for: .lobby)
            try await mod.lobby(["Gina", "Hugo"])
            let before = try await self.forget(cluster)
            let people = try await self.lobby(of: mod, after: before)
            #expect(Set(people.map(\.name)) == ["Gina", "Hugo"])
            for person in [gina, hugo] {
                #expect(await person.isOpen)
                #expect(await person.messages.allSatisfy { $0.type == "waiting" })
            }
            let id = try #require(people.first { $0.name == "Gina" }?.id)
            #expect(try await mod.ask(.admit(.init(participants: [id]))).reply != nil)
            #expect(try await gina.welcome().participants.count == 2)
            try await mod.lobby(["Hugo"])
            #expect(await hugo.messages.allSatisfy { $0.type == "waiting" })
        }
    }

    @Test("who waits is told so also while Redis takes nobody in, so that no page takes its connection for dead")
    func isTold() async throws {
        try await with(rebuild: .seconds(8)) { cluster, mod in
            let gina = try await cluster.knock("Gina", policy: Self.guests, node: 1)
            try await gina.waits(for: .lobby)
            try await mod.lobby(["Gina"])
            _ = try await self.forget(cluster)
            let before = await gina.messages.count
            try await eventually("three more messages") {
                let more = await gina.messages.count - before
                return more >= 3 ? nil : "\(more)"
            }
            let places = try await cluster.withStore { _, redis in
                try await redis.send("HLEN", .init(SeatKeys(cluster.room).lobby)).int
            }
            #expect(places == 0, "the window was over already")
            #expect(await gina.messages.allSatisfy { $0.type == "waiting" })
        }
    }

    @Test("who has come back with a ticket that was too old by then waits again too")
    func oldTicket() async throws {
        try await with { cluster, mod in
            let hugo = try await cluster.knock("Hugo", policy: Self.guests)
            try await hugo.waits(for: .lobby)
            var claims = cluster.claims(name: "Gina")
            claims.policy = Self.guests
            let ticket = try await cluster.ticket(claims)
            let old = try await cluster.ticket(claims, now: .now.addingTimeInterval(-600))
            let first = try await cluster.connect(node: 1)
            try await first.say(.hello(.init(ticket: ticket, key: "k", attempt: 1, wait: true)))
            try await first.waits(for: .lobby)
            await first.vanish()
            let gina = try await cluster.connect(node: 1)
            try await gina.say(.hello(.init(ticket: old, key: "k", attempt: 2, wait: true)))
            try await gina.waits(for: .lobby)
            let before = try await self.forget(cluster)
            let people = try await self.lobby(of: mod, after: before)
            let id = try #require(people.first { $0.name == "Gina" }?.id)
            #expect(await gina.messages.allSatisfy { $0.type == "waiting" })
            #expect(try await mod.ask(.admit(.init(participants: [id]))).reply != nil)
            try await gina.welcome()
        }
    }

    @Test("who was admitted to a full room, and has no seat yet, has to be admitted again")
    func admittedInLine() async throws {
        try await with { cluster, mod in
            try await cluster.withStore { store, _ in
                for number in 1..<Limits.seats {
                    _ = try await store.join(
                        cluster.room, ticket: "t\(number)", entry: SeatFixture.entry("p\(number)"),
                        meeting: MeetingID("x"), mediaNode: "", visitor: Visitor(kind: .colleague, policy: Self.guests))
                }
            }
            let gina = try await cluster.knock("Gina", policy: Self.guests, node: 1)
            try await gina.waits(for: .lobby)
            let hugo = try await cluster.knock("Hugo", policy: Self.guests)
            try await hugo.waits(for: .lobby)
            let people = try await mod.lobby(["Gina", "Hugo"])
            #expect(try await mod.ask(.admit(.init(participants: [people[0].id]))).reply != nil)
            try await gina.waits(for: .full)
            // The others were of a node that has died with it: the room is nearly empty.
            let before = try await self.forget(cluster)
            _ = try await self.lobby(of: mod, after: before)
            for person in [gina, hugo] { #expect(await person.messages.allSatisfy { $0.type == "waiting" }) }
            #expect(try await mod.ask(.admit(.init())).reply != nil)
            for person in [gina, hugo] { try await person.welcome() }
        }
    }

    @Test("a lock of moderators that directory knows nothing of holds after the loss, for who waits and who comes")
    func lock() async throws {
        let open = SeatLobbyTests.policy()
        try await with { cluster, mod in
            #expect(try await mod.ask(.lockRoom(.init(locked: true))).reply != nil)
            let early = try await cluster.knock("Early", policy: open, node: 1, colleague: true)
            try await early.waits(for: .locked)
            let before = try await self.forget(cluster)
            var claims = cluster.claims(name: "Late", account: "Late")
            claims.accountOrganization = claims.organization
            claims.policy = open
            let ticket = try await cluster.ticket(claims)
            try await eventually(timeout: .seconds(20), "the window ends") {
                let person = try await cluster.connect()
                try await person.say(.hello(.init(ticket: ticket, key: "k", wait: true)))
                let answer = try await person.first("an answer") {
                    ["waiting", "refused", "welcome"].contains($0.type)
                }
                return answer.type == "waiting" ? nil : answer.type
            }
            let people = try await self.lobby(of: mod, after: before)
            #expect(Set(people.map(\.name)) == ["Early", "Late"])
            #expect(await early.messages.allSatisfy { $0.type == "waiting" })
        }
    }
}
