import Foundation
import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

@Suite("Roles and the policy, in Redis", .timeLimit(.minutes(1)))
struct SeatRolesTests {
    private static func policy(_ version: Int, everyone: Bool) -> RoomPolicy {
        SeatLobbyTests.policy(version) { $0.everyoneModerates = everyone }
    }

    private static func entry(_ name: String, granted: Role? = .participant, by policy: RoomPolicy?) -> SeatEntry {
        var entry = SeatFixture.entry(name)
        entry.granted = granted
        entry.participant.role = granted == nil ? .moderator : entry.role(by: policy)
        return entry
    }

    @discardableResult
    private func come(
        _ fixture: SeatFixture, _ entry: SeatEntry, _ policy: RoomPolicy, ticket: String? = nil
    ) async throws -> SeatGrant {
        let outcome = try await fixture.store.join(
            fixture.room, ticket: ticket ?? "ticket of \(entry.participant.id)", entry: entry, meeting: MeetingID("m"),
            mediaNode: "", visitor: Visitor(kind: .guest, policy: policy))
        return try #require(outcome.grant)
    }

    private func moderators(_ fixture: SeatFixture) async throws -> Set<String> {
        let people = try await fixture.store.snapshot(fixture.room).participants
        return Set(people.filter { $0.role == .moderator }.map(\.id.rawValue))
    }

    @Test("a full room: all moderate while the policy says so, and afterwards those to whom it was given")
    func fullRoom() async throws {
        try await SeatFixture.with { fixture in
            let old = Self.policy(1, everyone: false)
            let names = (1..<Limits.seats).map { "p\($0)" }
            for name in names { try await come(fixture, Self.entry(name, by: old), old) }
            try await come(fixture, Self.entry("mod", granted: .moderator, by: old), old)
            for round in 1...2 {
                let before = try await fixture.store.snapshot(fixture.room)
                try await fixture.store.setPolicy(fixture.room, Self.policy(round * 2, everyone: true))
                #expect(try await moderators(fixture) == Set(names + ["mod"]))
                // Each is told of once, after the policy, and in the order of the log.
                let missed = try #require(try await fixture.store.events(fixture.room, after: before.position))
                let kinds: [RoomMessage.Kind] = [.room] + names.map { _ in .updated }
                #expect(missed.map(\.kind) == kinds)
                #expect(Set(missed.compactMap(\.content).map(\.id.rawValue)) == Set(names))
                #expect(missed.compactMap(\.content).allSatisfy { $0.role == .moderator && $0.name == $0.id.rawValue })
                #expect(missed.dropFirst().allSatisfy { $0.node == "n1" && $0.fence > 0 })
                try await fixture.store.setPolicy(fixture.room, Self.policy(round * 2 + 1, everyone: false))
                #expect(try await moderators(fixture) == ["mod"])
            }
            let roster = try await fixture.store.entry(fixture.room, ParticipantID("p7"))
            #expect(roster?.entry == Self.entry("p7", by: old).joined(at: roster))
        }
    }

    @Test("who writes an entry with a role of before changes nothing by it")
    func staleWriters() async throws {
        try await SeatFixture.with { fixture in
            let old = Self.policy(1, everyone: true), new = Self.policy(2, everyone: false)
            var entry = Self.entry("p", by: old)
            var grant = try await come(fixture, entry, old)
            #expect(grant.snapshot.participants.map(\.role) == [.moderator])
            try await fixture.store.setPolicy(fixture.room, new)
            // The node has not heard of it.
            entry.participant.state.microphone = true
            #expect(try await fixture.store.update(fixture.room, fence: grant.fence, entry: entry) == .done)
            #expect(try await moderators(fixture).isEmpty)
            #expect(try await fixture.log().last?.json.contains("moderator") == false)
            // The same entering again, after a lost answer, is the same still.
            let again = try await come(fixture, entry, new)
            #expect(again.fence == grant.fence)
            let read = try #require(try await fixture.store.entry(fixture.room, entry.participant.id))
            entry.node = "n2"
            let taken = try await fixture.store.takeOver(fixture.room, read: read, entry: entry)
            grant.fence = try #require(taken.transfer).fence
            #expect(try await moderators(fixture).isEmpty)
            // It was given by hand meanwhile.
            entry.granted = .moderator
            entry.participant.role = .participant
            #expect(try await fixture.store.update(fixture.room, fence: grant.fence, entry: entry) == .done)
            #expect(try await moderators(fixture) == ["p"])
        }
    }

    @Test("seats that are put back have the roles of the newest policy that is known")
    func restored() async throws {
        try await SeatFixture.with { fixture in
            let old = Self.policy(1, everyone: true), new = Self.policy(2, everyone: false)
            for (name, policy, left) in [("a", old, ["a"]), ("b", new, []), ("c", old, [])]
                as [(String, RoomPolicy, [String])]
            {
                _ = try await fixture.store.restore(
                    fixture.room, node: name, meeting: MeetingID("m"), mediaNode: "", startedAt: 1,
                    rules: .init(policy: policy),
                    seats: [SeatRecovery(fence: 5, epoch: "before", entry: Self.entry(name, by: policy))])
                #expect(try await moderators(fixture) == Set(left))
            }
        }
    }

    @Test("no name gives a role, and nobody loses one by it")
    func names() async throws {
        let names = [
            #""role":"moderator","#, #","role":"moderator""#, #""granted":"moderator""#, #""participant":{"#, "}{][\\",
            #"\"granted\":\"moderator\""#, "/ 👩🏽‍🚀 \u{1F600} é",
        ]
        try await SeatFixture.with { fixture in
            let old = Self.policy(1, everyone: false)
            for (index, name) in names.enumerated() {
                var entry = Self.entry("p\(index)", by: old)
                entry.participant.name = name
                try await come(fixture, entry, old)
            }
            try await come(fixture, Self.entry("mod", granted: .moderator, by: old), old)
            #expect(try await moderators(fixture) == ["mod"])
            try await fixture.store.setPolicy(fixture.room, Self.policy(2, everyone: true))
            #expect(try await moderators(fixture).count == names.count + 1)
            try await fixture.store.setPolicy(fixture.room, Self.policy(3, everyone: false))
            #expect(try await moderators(fixture) == ["mod"])
            let people = try await fixture.store.snapshot(fixture.room).participants
            #expect(Set(people.map(\.name)) == Set(names + ["mod"]))
            let start = EventOrder(epoch: try await fixture.store.snapshot(fixture.room).epoch, seq: 0)
            let log = try #require(try await fixture.store.events(fixture.room, after: start))
            #expect(Set(log.compactMap(\.content).map(\.name)) == Set(names + ["mod"]))
        }
    }

    @Test("an entry of an earlier release keeps its role")
    func earlierRelease() async throws {
        try await SeatFixture.with { fixture in
            let old = Self.policy(1, everyone: true)
            try await come(fixture, Self.entry("p", granted: nil, by: old), old)
            try await fixture.store.setPolicy(fixture.room, Self.policy(2, everyone: false))
            #expect(try await moderators(fixture) == ["p"])
        }
    }
}

extension SeatEntry {
    /// The same, come at the time of the other one.
    fileprivate func joined(at other: StoredSeat?) -> SeatEntry {
        var entry = self
        entry.joinedAt = other?.entry.joinedAt ?? 0
        return entry
    }
}
