import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("The lobby, on sockets", .timeLimit(.minutes(1)))
struct LobbyTests {
    private static let guests = SeatLobbyTests.policy { $0.lobby = .guests }
    private static let locked = SeatLobbyTests.policy(locked: true)

    @Test("moderators of all nodes see who waits; the admitted come in, the denied are told so")
    func admitAndDeny() async throws {
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(Self.guests)
            let second = try await cluster.knock("Second", policy: Self.guests, node: 1, role: .moderator)
            try await second.welcome()
            let gina = try await cluster.knock("Gina", policy: Self.guests, node: 1)
            try await gina.waits(for: .lobby)
            let hugo = try await cluster.knock("Hugo", policy: Self.guests)
            try await hugo.waits(for: .lobby)
            let colleague = try await cluster.knock("Cleo", policy: Self.guests, colleague: true)
            try await colleague.welcome()
            for moderator in [mod, second] {
                let list = try await moderator.lobby(["Gina", "Hugo"])
                #expect(list.allSatisfy { $0.guest && !$0.colleague && $0.since.timeIntervalSinceNow > -60 })
            }
            let list = try await mod.lobby(["Gina", "Hugo"])
            #expect(try await mod.ask(.admit(.init(participants: [list[0].id]))).reply != nil)
            try await gina.welcome()
            #expect(try await second.ask(.deny(.init(participant: list[1].id))).reply != nil)
            #expect(try await hugo.refused().code == .admissionDenied)
            #expect(try await hugo.closeCode() == CloseCode.refused.rawValue)
            for moderator in [mod, second] { try await moderator.lobby([]) }
            #expect(await colleague.messages.allSatisfy { $0.type != "lobby" })
            #expect(await gina.messages.allSatisfy { $0.type != "lobby" })
        }
    }

    @Test("a moderator who comes later, comes back, or becomes one by signing in sees who waits")
    func laterModerators() async throws {
        try await TestCluster.run { cluster in
            let colleague = try await cluster.knock("Cleo", policy: Self.guests, colleague: true)
            try await colleague.welcome()
            let gina = try await cluster.knock("Gina", policy: Self.guests)
            try await gina.waits(for: .lobby)
            let mod = try await cluster.moderator(Self.guests, node: 1)
            try await mod.lobby(["Gina"])
            let token = try await mod.welcome().resumeToken
            await mod.vanish()
            let back = try await cluster.resume(token)
            try await back.lobby(["Gina"])
            var claims = cluster.claims(name: "Cleo", role: .moderator, account: "Cleo")
            claims.policy = Self.guests
            let ticket = try await cluster.ticket(claims)
            #expect(try await colleague.ask(.signIn(.init(ticket: ticket))).reply != nil)
            try await colleague.lobby(["Gina"])
        }
    }

    @Test("a moderator who comes back after everybody has gone hears that nobody waits")
    func emptyLobby() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let mod = try await cluster.moderator(Self.locked)
            let gina = try await cluster.knock("Gina", policy: Self.locked)
            try await mod.lobby(["Gina"])
            let token = try await mod.welcome().resumeToken
            await mod.vanish()
            gina.connection.close(code: CloseCode.normal.rawValue, reason: "cancelled")
            try await eventually("nobody waits") {
                try await cluster.withStore { store, _ in try await store.lobby(cluster.room).isEmpty ? nil : "one does"
                }
            }
            let back = try await cluster.resume(token)
            try await back.lobby([])
        }
    }

    @Test("a locked room lets nobody in but who is admitted; unlocking lets in all who need not wait any more")
    func lock() async throws {
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(nil)
            let ada = try await cluster.knock("Ada", policy: nil, node: 1)
            try await ada.welcome()
            #expect(try await ada.ask(.lockRoom(.init(locked: true))).failure?.code == .forbidden)
            #expect(try await mod.ask(.lockRoom(.init(locked: true))).reply != nil)
            let told = try await ada.event("room").body(RoomEvent.Room.self)
            #expect(told.locked)
            let late = try await cluster.knock("Late", policy: nil, node: 1, colleague: true)
            try await late.waits(for: .locked)
            let person = try await mod.lobby(["Late"])
            #expect(person.first?.colleague == true && person.first?.guest == false)
            // Coming back into one's own seat is no entering.
            let token = try await ada.welcome().resumeToken
            await ada.vanish()
            let back = try await cluster.resume(token)
            #expect(try await back.welcome().locked)
            #expect(try await mod.ask(.lockRoom(.init(locked: false))).reply != nil)
            #expect(try await late.welcome().locked == false)
            try await mod.lobby([])
        }
    }

    @Test("all who wait for a moderator come in when one enters, at any node")
    func waitForModerator() async throws {
        let policy = SeatLobbyTests.policy { $0.waitForModerator = true }
        try await TestCluster.run { cluster in
            let early = try await cluster.knock("Early", policy: policy, node: 0)
            let other = try await cluster.knock("Other", policy: policy, node: 1, colleague: true)
            for person in [early, other] { try await person.waits(for: .moderator) }
            _ = try await cluster.moderator(policy, node: 1)
            for person in [early, other] { try await person.welcome() }
        }
    }

    @Test("after a lost socket the place in the lobby is found again, at another node, and a denial too")
    func reload() async throws {
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(Self.locked)
            var claims = cluster.claims(name: "Gina")
            claims.policy = Self.locked
            let ticket = try await cluster.ticket(claims)
            let old = try await cluster.ticket(claims, now: .now.addingTimeInterval(-600))
            func come(_ ticket: String, attempt: Int, key: String = "k", node: Int) async throws -> TestPerson {
                let person = try await cluster.connect(node: node)
                try await person.say(.hello(.init(ticket: ticket, key: key, attempt: attempt, wait: true)))
                return person
            }
            let first = try await come(ticket, attempt: 1, node: 0)
            try await first.waits(for: .locked)
            let list = try await mod.lobby(["Gina"])
            await first.vanish()
            let second = try await come(old, attempt: 2, node: 1)
            try await second.waits(for: .locked)
            // A second tab with the same ticket is somebody else.
            #expect(try await come(ticket, attempt: 1, key: "other", node: 1).refused().code == .ticketInvalid)
            let again = try await mod.lobby(["Gina"])
            #expect(again == list)
            #expect(try await mod.ask(.deny(.init(participant: list[0].id))).reply != nil)
            #expect(try await second.refused().code == .admissionDenied)
            #expect(try await come(old, attempt: 3, node: 0).refused().code == .admissionDenied)
        }
    }

    @Test("in a full room the admitted stand in line, and the seats stay exact")
    func fullRoom() async throws {
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(Self.guests)
            let ada = try await cluster.knock("Ada", policy: Self.guests, colleague: true)
            try await ada.welcome()
            try await cluster.withStore { store, _ in
                for number in 1...(Limits.seats - 2) {
                    let outcome = try await store.join(
                        cluster.room, ticket: "t\(number)", entry: SeatFixture.entry("p\(number)"),
                        meeting: MeetingID("x"), mediaNode: "", visitor: Visitor(kind: .colleague, policy: Self.guests))
                    #expect(outcome.grant != nil)
                }
            }
            let gina = try await cluster.knock("Gina", policy: Self.guests, node: 1)
            try await gina.waits(for: .lobby)
            try await mod.lobby(["Gina"])
            #expect(try await mod.ask(.admit(.init())).reply != nil)
            try await gina.waits(for: .full)
            try await mod.lobby([])
            _ = try await ada.ask(.leave)
            #expect(try await gina.welcome().participants.count == Limits.seats)
        }
    }

    @Test(
        "who closes the socket has left the lobby; who is cut off or loads the page anew has not",
        arguments: [false, true])
    func leaving(isReload: Bool) async throws {
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(Self.locked)
            let gina = try await cluster.knock("Gina", policy: Self.locked, node: 1)
            let hugo = try await cluster.knock("Hugo", policy: Self.locked, node: 1)
            try await gina.waits(for: .locked)
            try await hugo.waits(for: .locked)
            gina.connection.close(code: CloseCode.normal.rawValue, reason: "cancelled")
            try await mod.lobby(["Hugo"])
            if isReload {
                hugo.connection.close(code: CloseCode.goingAway.rawValue, reason: "the page is loaded anew")
                _ = try await hugo.closeCode()
            } else {
                await hugo.vanish()
            }
            try await Task.sleep(for: .milliseconds(300))
            try await mod.lobby(["Hugo"])
        }
    }

    @Test("who finds the lobby full is told so, and not that the room is full")
    func crowded() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            _ = try await cluster.moderator(Self.locked)
            try await cluster.withStore { store, _ in
                for number in 1...Limits.lobby {
                    _ = try await store.join(
                        cluster.room, ticket: "t\(number)", entry: SeatFixture.entry("w\(number)"),
                        meeting: MeetingID("x"), mediaNode: "", visitor: Visitor(policy: Self.locked))
                }
            }
            let late = try await cluster.knock("Late", policy: Self.locked)
            #expect(try await late.refused().code == .lobbyFull)
            #expect(try await late.closeCode() == CloseCode.refused.rawValue)
        }
    }

    @Test("when the room is deleted, those in the lobby are told")
    func deleted() async throws {
        try await TestCluster.run { cluster in
            _ = try await cluster.moderator(Self.locked)
            let gina = try await cluster.knock("Gina", policy: Self.locked, node: 1)
            try await gina.waits(for: .locked)
            let path = "/internal/rooms/\(cluster.room.rawValue)/end"
            try await cluster.inner.post(path, EndMeetingRequest(reason: .roomDeleted))
            #expect(try await gina.refused().code == .roomNotFound)
        }
    }

    @Test("the lobby works on a Redis Cluster too: its keys share the room's hash tag")
    func cluster() async throws {
        try await RedisClusterProcess.withCluster { redis in
            try await TestCluster.run(redisURL: redis.url) { cluster in
                let mod = try await cluster.moderator(Self.locked)
                let gina = try await cluster.knock("Gina", policy: Self.locked, node: 1)
                try await gina.waits(for: .locked)
                try await mod.lobby(["Gina"])
                #expect(try await mod.ask(.admit(.init())).reply != nil)
                try await gina.welcome()
            }
        }
    }
}
