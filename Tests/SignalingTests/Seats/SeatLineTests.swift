import Foundation
import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

@Suite("The line of a full room", .timeLimit(.minutes(1)))
struct SeatLineTests {
    private static func withFullRoom(
        lineLease: Int = 60_000, _ body: @Sendable (SeatFixture, [(SeatEntry, Int)]) async throws -> Void
    ) async throws {
        try await withRedisClient(url: TestRedis().url) { client in
            var rules = SeatRules.forTests()
            rules.seats = 2
            rules.lineLease = lineLease
            let fixture = SeatFixture(redis: client, rules: rules)
            var inside: [(SeatEntry, Int)] = []
            for _ in 1...2 {
                let entry = SeatFixture.entry()
                inside.append((entry, try await fixture.joined(entry).fence))
            }
            try await body(fixture, inside)
            try await removeRoom(fixture.room, client)
        }
    }

    private static func stand(_ fixture: SeatFixture, _ entry: SeatEntry) async throws -> JoinOutcome {
        try await fixture.store.join(
            fixture.room, ticket: "ticket of \(entry.participant.name)", entry: entry, meeting: MeetingID("m"),
            mediaNode: "", waits: true)
    }

    @Test("who waits comes in in the order of coming, before anybody who comes later")
    func order() async throws {
        try await Self.withFullRoom { fixture, inside in
            let first = SeatFixture.entry("first"), second = SeatFixture.entry("second")
            #expect(try await Self.stand(fixture, first).position == 1)
            #expect(try await Self.stand(fixture, second).position == 2)
            #expect(try await Self.stand(fixture, first).position == 1)
            _ = try await fixture.store.leave(
                fixture.room, inside[0].0.participant.id, fence: inside[0].1, reason: .left)
            #expect(try await fixture.join().isFull)
            #expect(try await Self.stand(fixture, second).position == 2)
            #expect(try await Self.stand(fixture, first).grant != nil)
            #expect(try await Self.stand(fixture, second).position == 1)
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 2])
        }
    }

    @Test("who goes away, or is not heard of, holds up nobody")
    func leaving() async throws {
        try await Self.withFullRoom(lineLease: 2_000) { fixture, inside in
            let first = SeatFixture.entry("first"), second = SeatFixture.entry("second")
            let third = SeatFixture.entry("third")
            for entry in [first, second, third] { _ = try await Self.stand(fixture, entry) }
            try await fixture.store.quit(fixture.room, first.participant.id)
            #expect(try await Self.stand(fixture, second).position == 1)
            try await eventually("the second is given up") {
                let position = try await Self.stand(fixture, third).position
                return position == 1 ? nil : "still at \(position ?? 0)"
            }
        }
    }

    @Test("one ticket stands in line once")
    func oneTicket() async throws {
        try await Self.withFullRoom { fixture, _ in
            let first = SeatFixture.entry("first"), second = SeatFixture.entry("second")
            func stand(_ entry: SeatEntry) async throws -> JoinOutcome {
                try await fixture.store.join(
                    fixture.room, ticket: "the ticket", entry: entry, meeting: MeetingID("m"), mediaNode: "",
                    waits: true)
            }
            let outcomes = [try await stand(first), try await stand(second), try await stand(first)]
            #expect(outcomes[0].position == 1 && outcomes[1].isTicketUsed && outcomes[2].position == 1)
        }
    }

    @Test("a line has an end, and who does not want to wait is told that the room is full")
    func bounds() async throws {
        try await Self.withFullRoom { fixture, _ in
            #expect(try await fixture.join().isFull)
            for number in 1...Limits.line {
                let outcome = try await Self.stand(fixture, SeatFixture.entry("w\(number)"))
                #expect(outcome.position == number)
            }
            #expect(try await Self.stand(fixture, SeatFixture.entry("late")).isFull)
        }
    }
}

extension JoinOutcome {
    var position: Int? { if case .waiting(let position) = self { position } else { nil } }
}
