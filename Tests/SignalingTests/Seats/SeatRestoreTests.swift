import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("Seats after a loss of Redis", .timeLimit(.minutes(1)))
struct SeatRestoreTests {
    @Test("seats of another epoch are put back with their fences, and new ones rise above them")
    func restore() async throws {
        try await RedisServerProcess.withServer { server in
            try await SeatFixture.with(redisURL: server.url) { fixture in
                let entry = SeatFixture.entry()
                let before = try await fixture.joined(entry, meeting: "one")
                await server.kill()
                try await server.start()
                let after = try await renewed(fixture, entry, before.fence)
                #expect(after.epoch != before.snapshot.epoch)
                #expect(after.lost == [LostSeat(participant: entry.participant.id, reason: .gone)])
                let restored = try await fixture.store.restore(
                    fixture.room, node: "n1", meeting: MeetingID("one"), mediaNode: "janus", startedAt: 1,
                    seats: [SeatRecovery(fence: before.fence, epoch: before.snapshot.epoch, entry: entry)])
                #expect(restored.lost.isEmpty)
                #expect(restored.meeting == MeetingID("one"))
                #expect(try await renewed(fixture, entry, before.fence).lost.isEmpty)
                let next = try await fixture.joined(meeting: "two")
                #expect(next.snapshot.meeting == MeetingID("one"))
                #expect(next.fence > before.fence)
                #expect(next.snapshot.participants.count == 2)
            }
        }
    }

    @Test("a seat that was given up in this epoch is never put back")
    func sameEpoch() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            let grant = try await fixture.joined(entry)
            let stays = try await fixture.joined()
            _ = try await fixture.store.leave(fixture.room, entry.participant.id, fence: grant.fence, reason: .left)
            let outcome = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: stays.snapshot.meeting, mediaNode: "", startedAt: 1,
                seats: [SeatRecovery(fence: grant.fence, epoch: grant.snapshot.epoch, entry: entry)])
            #expect(outcome.lost == [LostSeat(participant: entry.participant.id, reason: .gone)])
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 1])
        }
    }

    @Test("a seat that was given up at another node after a loss is not put back by one that stood still meanwhile")
    func givenUpMeanwhile() async throws {
        try await RedisServerProcess.withServer { server in
            try await SeatFixture.with(redisURL: server.url) { fixture in
                let entry = SeatFixture.entry()
                let before = try await fixture.joined(entry, meeting: "one")
                await server.kill()
                try await server.start()
                func restore() async throws -> [LostSeat] {
                    try await fixture.store.restore(
                        fixture.room, node: "n1", meeting: MeetingID("one"), mediaNode: "", startedAt: 1,
                        seats: [SeatRecovery(fence: before.fence, epoch: before.snapshot.epoch, entry: entry)]
                    ).lost
                }
                #expect(try await restore().isEmpty)
                _ = try await fixture.store.leave(
                    fixture.room, entry.participant.id, fence: before.fence, reason: .left)
                #expect(try await restore() == [LostSeat(participant: entry.participant.id, reason: .gone)])
                #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 0])
            }
        }
    }

    @Test("a seat that somebody took over is not put back by its former owner, and there are never 51")
    func superseded() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            let held = try await fixture.joined(entry)
            for _ in 2...Limits.seats { _ = try await fixture.joined() }
            let stranger = SeatFixture.entry()
            let outcome = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: held.snapshot.meeting, mediaNode: "", startedAt: 1,
                seats: [
                    SeatRecovery(fence: held.fence - 1, epoch: "another", entry: entry),
                    SeatRecovery(fence: 7, epoch: "another", entry: stranger),
                ])
            #expect(
                outcome.lost == [
                    LostSeat(participant: entry.participant.id, reason: .superseded),
                    LostSeat(participant: stranger.participant.id, reason: .full),
                ])
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: Limits.seats])
        }
    }

    private func renewed(_ fixture: SeatFixture, _ entry: SeatEntry, _ fence: Int) async throws -> RenewOutcome {
        try await fixture.store.renew(fixture.room, seats: [(entry.participant.id, fence)])
    }
}
