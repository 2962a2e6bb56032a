import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("Redis' memory and its epochs", .timeLimit(.minutes(1)))
struct SeatEpochTests {
    private static let rules = SeatRules(lease: 2_000, rebuild: 700, rebuildWithData: 200, silence: 600)

    private static func with(_ body: @Sendable (SeatFixture, RedisServerProcess) async throws -> Void) async throws {
        try await RedisServerProcess.withServer { server in
            try await withRedisClient(url: server.url) { client in
                try await body(SeatFixture(redis: client, rules: rules), server)
            }
        }
    }

    private static func passRebuildWindow(_ fixture: SeatFixture) async throws {
        _ = await fixture.store.beat([Partition(of: fixture.room)])
        try await Task.sleep(for: .milliseconds(rules.rebuild + 50))
    }

    @Test("after a flush those who were inside are put back before anybody new comes in")
    func flush() async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let inside = SeatFixture.entry()
            let before = try await fixture.joined(inside)
            try await fixture.redis.send("FLUSHALL")
            guard case .rebuilding(let rest) = try await fixture.join() else { throw Unexpected("somebody came in") }
            #expect((1...Self.rules.rebuild).contains(rest))
            guard case .rebuilding = try await fixture.store.absence(fixture.room, of: inside.participant.id) else {
                throw Unexpected("the seat is gone already")
            }
            let renewed = try await fixture.store.renew(
                fixture.room, seats: [(inside.participant.id, before.fence)])
            #expect(renewed.epoch != before.snapshot.epoch)
            let restored = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: before.snapshot.meeting, mediaNode: "", startedAt: 1, seq: 70,
                seats: [SeatRecovery(fence: before.fence, epoch: before.snapshot.epoch, entry: inside)])
            #expect(restored.lost.isEmpty)
            #expect(try await fixture.store.snapshot(fixture.room).seq == 71)
            try await eventually("the window ends") { try await fixture.join().grant == nil ? "not yet" : nil }
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 2])
        }
    }

    @Test(
        "what was ended in this epoch is not put back, though its nodes have not heard of it", arguments: [true, false])
    func endedMeanwhile(isClosed: Bool) async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let entry = SeatFixture.entry()
            let before = try await fixture.joined(entry)
            try await fixture.redis.send("FLUSHALL")
            try await fixture.store.end(fixture.room, reason: .roomDeleted, closed: isClosed)
            let restored = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: before.snapshot.meeting, mediaNode: "", startedAt: 1,
                seats: [SeatRecovery(fence: before.fence, epoch: before.snapshot.epoch, entry: entry)])
            #expect(restored.lost == [LostSeat(participant: entry.participant.id, reason: .gone)])
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 0])
        }
    }

    @Test("while Redis is rebuilt a meeting does not end because the first who came back leaves again")
    func leavingWhileRebuilding() async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let first = SeatFixture.entry(), second = SeatFixture.entry()
            let grants = [try await fixture.joined(first), try await fixture.joined(second)]
            try await fixture.redis.send("FLUSHALL")
            func putBack(_ entry: SeatEntry, _ grant: SeatGrant) async throws {
                let outcome = try await fixture.store.restore(
                    fixture.room, node: "n1", meeting: grant.snapshot.meeting, mediaNode: "janus", startedAt: 1,
                    seats: [SeatRecovery(fence: grant.fence, epoch: grant.snapshot.epoch, entry: entry)])
                #expect(outcome.lost.isEmpty)
            }
            try await putBack(first, grants[0])
            let left = try await fixture.store.leave(
                fixture.room, first.participant.id, fence: grants[0].fence, reason: .left)
            #expect(left == .done && fixture.ended.isEmpty)
            try await putBack(second, grants[1])
            #expect(try await fixture.store.isRunning(fixture.room, grants[0].snapshot.meeting))
        }
    }

    @Test("a restart with another run id is another epoch, though the data are there")
    func restartWithData() async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let before = try await fixture.joined()
            // As after a restart: the mark is that of another process.
            try await fixture.redis.send("HSET", .init(Partition(of: fixture.room).mark), "run", "another")
            guard case .rebuilding(let rest) = try await fixture.join() else { throw Unexpected("somebody came in") }
            #expect(rest <= Self.rules.rebuildWithData)
            let after = try await fixture.store.snapshot(fixture.room)
            #expect(after.epoch != before.snapshot.epoch && after.participants.count == 1)
            #expect(try await fixture.store.events(fixture.room, after: before.snapshot.position) == nil)
        }
    }

    @Test("leases run only while nodes can call: after a time without any call they begin anew")
    func silence() async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let entry = SeatFixture.entry()
            let fence = try await fixture.joined(entry).fence
            try await Task.sleep(for: .milliseconds(Self.rules.lease + 300))
            let renewed = try await fixture.store.renew(fixture.room, seats: [(entry.participant.id, fence)])
            #expect(renewed.lost.isEmpty)
            #expect(fixture.expired.isEmpty)
        }
    }

    @Test("while any node calls, the leases of those that do not run out")
    func noSilence() async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let entry = SeatFixture.entry()
            let fence = try await fixture.joined(entry).fence
            let end = ContinuousClock.now + .milliseconds(Self.rules.lease + 400)
            while .now < end {
                _ = await fixture.store.beat([Partition(of: fixture.room)])
                try await Task.sleep(for: .milliseconds(200))
            }
            let renewed = try await fixture.store.renew(fixture.room, seats: [(entry.participant.id, fence)])
            #expect(renewed.lost == [LostSeat(participant: entry.participant.id, reason: .gone)])
            #expect(fixture.expired == [entry.participant.id])
        }
    }

    @Test("a clock that was set changes no lease and no window for long", arguments: [-3_600_000, 3_600_000])
    func clockStep(milliseconds: Int) async throws {
        try await Self.with { fixture, _ in
            try await Self.passRebuildWindow(fixture)
            let entry = SeatFixture.entry()
            let fence = try await fixture.joined(entry).fence
            // As after a step of the clock: all times in Redis are off by it.
            let mark = Partition(of: fixture.room).mark
            for field in ["until", "seen"] {
                let value = try await fixture.redis.send("HGET", .init(mark), .init(field)).int ?? 0
                try await fixture.redis.send("HSET", .init(mark), .init(field), .init(value - milliseconds))
            }
            let keys = SeatKeys(fixture.room)
            try await fixture.redis.send(
                "ZINCRBY", .init(keys.seats), .init(-milliseconds), .init(entry.participant.id.rawValue))
            let renewed = try await fixture.store.renew(fixture.room, seats: [(entry.participant.id, fence)])
            #expect(renewed.lost.isEmpty)
            try await eventually("others come in") { try await fixture.join().grant == nil ? "not yet" : nil }
        }
    }

    @Test("a room is always in the same of 64 partitions, and rooms are spread over all of them")
    func partitions() {
        let rooms = (0..<2_000).map { _ in newRoom() }
        #expect(Set(rooms.map { Partition(of: $0) }).count == Partition.count)
        #expect(Partition(of: RoomID("00000000-0000-0000-0000-000000000000")).number == 49)
        for room in rooms { #expect(SeatKeys(room).all.allSatisfy { $0.hasPrefix(Partition(of: room).tag) }) }
    }
}
