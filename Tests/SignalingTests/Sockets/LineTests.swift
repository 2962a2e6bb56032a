import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("Waiting for a seat", .timeLimit(.minutes(1)))
struct LineTests {
    private static func stand(_ cluster: TestCluster, _ name: String, node: Int) async throws -> TestPerson {
        let person = try await cluster.connect(node: node)
        let ticket = try await cluster.ticket(cluster.claims(name: name))
        try await person.say(.hello(.init(ticket: ticket, wait: true)))
        return person
    }

    private static func position(_ person: TestPerson, _ wanted: Int) async throws {
        _ = try await person.event("waiting") {
            (try? $0.body(ServerMessage.Waiting.self)) == .init(reason: .full, position: wanted)
        }
    }

    @Test("people in line at several nodes come in in order when seats are freed, and hear their positions")
    func order() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            try await cluster.fill(to: Limits.seats - 2)
            let first = try await Self.stand(cluster, "First", node: 1)
            try await Self.position(first, 1)
            let second = try await Self.stand(cluster, "Second", node: 0)
            try await Self.position(second, 2)
            _ = try await ada.ask(.leave)
            #expect(try await first.welcome().participants.count == Limits.seats)
            try await Self.position(second, 1)
            #expect(await second.messages.allSatisfy { $0.type == "waiting" })
            _ = try await bob.ask(.leave)
            #expect(try await second.welcome().participants.contains { $0.name == "First" })
        }
    }

    @Test("who closes the socket has left the line, and is given no seat")
    func leaving() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let first = try await Self.stand(cluster, "First", node: 1)
            try await Self.position(first, 1)
            let second = try await Self.stand(cluster, "Second", node: 0)
            try await Self.position(second, 2)
            first.connection.close(code: CloseCode.goingAway.rawValue, reason: "the page is closed")
            try await eventually("the first is out of the line") {
                let line = try await cluster.withStore { _, redis in
                    try await redis.send("ZCARD", .init(SeatKeys(cluster.room).line)).int
                }
                return line == 1 ? nil : "\(line ?? 0) in line"
            }
            _ = try await ada.ask(.leave)
            #expect(try await second.welcome().participants.count == Limits.seats)
        }
    }

    @Test("who stands behind somebody who leaves the line hears of it at once")
    func movingUp() async throws {
        var times = SignalingTimes.forTests()
        times.line = .seconds(1_000)
        try await TestCluster.run(nodes: 1, times: times) { cluster in
            try await cluster.fill(to: Limits.seats)
            let first = try await Self.stand(cluster, "First", node: 0)
            try await Self.position(first, 1)
            let second = try await Self.stand(cluster, "Second", node: 0)
            // The first look at the line is at the first tick, the next one not within this test.
            try await eventually("the position is told again") {
                await second.messages.count > 1 ? nil : "once"
            }
            first.connection.close(code: CloseCode.goingAway.rawValue, reason: "the page is closed")
            try await Self.position(second, 1)
        }
    }

    @Test("when a process stops, who stands in line there finds the place again at another one")
    func draining() async throws {
        var times = SignalingTimes.forTests()
        times.drainLimit = .seconds(10)
        try await TestCluster.run(times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let ticket = try await cluster.ticket()
            func hello(_ attempt: Int) -> ClientMessage {
                .hello(.init(ticket: ticket, key: "k", attempt: attempt, wait: true))
            }
            let waiting = try await cluster.connect(node: 1)
            try await waiting.say(hello(1))
            try await Self.position(waiting, 1)
            let other = try await Self.stand(cluster, "Other", node: 0)
            try await Self.position(other, 2)
            await cluster.stop(1)
            let refused = try await waiting.refused()
            #expect(refused.code == .unavailable && refused.retryAfter != nil)
            let again = try await cluster.connect(node: 0)
            try await again.say(hello(2))
            try await Self.position(again, 1)
            _ = try await ada.ask(.leave)
            #expect(try await again.welcome().participants.count == Limits.seats)
        }
    }

    @Test(
        "whoever has waited longer than a ticket lives finds the place again after a break, and so does who got the seat just then"
    )
    func oldTicket() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let claims = cluster.claims(name: "Patient")
            let waiting = try await cluster.connect()
            try await waiting.say(.hello(.init(ticket: try await cluster.ticket(claims), key: "k", wait: true)))
            try await Self.position(waiting, 1)
            let old = try await cluster.ticket(claims, now: .now.addingTimeInterval(-600))
            await waiting.vanish()
            let again = try await cluster.connect(node: 1)
            try await again.say(.hello(.init(ticket: old, key: "k", attempt: 2, wait: true)))
            try await Self.position(again, 1)
            _ = try await ada.ask(.leave)
            let seat = try await again.welcome().participant
            await again.vanish()
            let third = try await cluster.connect()
            try await third.say(.hello(.init(ticket: old, key: "k", attempt: 3, wait: true)))
            #expect(try await third.welcome().participant == seat)
            let thief = try await cluster.connect()
            try await thief.say(.hello(.init(ticket: old, key: "another", wait: true)))
            #expect(try await thief.refused().code == .ticketInvalid)
        }
    }

    @Test("a socket in line that was replaced takes nothing from the one that replaced it", arguments: [0, 1])
    func replaced(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let ticket = try await cluster.ticket()
            func hello(_ attempt: Int) -> ClientMessage {
                .hello(.init(ticket: ticket, key: "k", attempt: attempt, wait: true))
            }
            let first = try await cluster.connect()
            try await first.say(hello(1))
            try await Self.position(first, 1)
            let second = try await cluster.connect(node: node)
            try await second.say(hello(2))
            try await Self.position(second, 1)
            await first.vanish()
            try await Task.sleep(for: .milliseconds(200))
            _ = try await ada.ask(.leave)
            #expect(try await second.welcome().participants.count == Limits.seats)
        }
    }

    @Test("when the room is deleted, those in line are told")
    func deleted() async throws {
        try await TestCluster.run { cluster in
            _ = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let waiting = try await Self.stand(cluster, "First", node: 1)
            try await Self.position(waiting, 1)
            let path = "/internal/rooms/\(cluster.room.rawValue)/end"
            try await cluster.inner.post(path, EndMeetingRequest(reason: .roomDeleted))
            #expect(try await waiting.refused().code == .roomNotFound)
        }
    }
}
