import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("The lobby, in Redis", .timeLimit(.minutes(1)))
struct SeatLobbyTests {
    static func policy(
        _ version: Int = 1, locked: Bool = false, lockVersion: Int? = nil,
        change: (inout RoomOptions) -> Void = { _ in }
    ) -> RoomPolicy {
        var options = RoomOptions()
        change(&options)
        return RoomPolicy(options: options, locked: locked, version: version, lockVersion: lockVersion)
    }

    private static func come(
        _ fixture: SeatFixture, _ name: String, _ kind: Visitor.Kind = .guest, _ policy: RoomPolicy?
    ) async throws -> JoinOutcome {
        var entry = SeatFixture.entry(name)
        if kind == .moderator { entry.participant.role = .moderator }
        return try await fixture.store.join(
            fixture.room, ticket: "ticket of \(name)", entry: entry, meeting: MeetingID("m"), mediaNode: "",
            waits: true, visitor: Visitor(kind: kind, policy: policy))
    }

    /// A room with a moderator inside.
    private static func withModerator(
        _ policy: RoomPolicy, seats: Int = 50, lineLease: Int = 60_000,
        _ body: @Sendable (SeatFixture, _ fence: Int) async throws -> Void
    ) async throws {
        try await withRedisClient(url: TestRedis().url) { client in
            var rules = SeatRules.forTests()
            rules.seats = seats
            rules.lineLease = lineLease
            let fixture = SeatFixture(redis: client, rules: rules)
            let grant = try #require(try await come(fixture, "mod", .moderator, policy).grant)
            try await body(fixture, grant.fence)
            try await removeRoom(fixture.room, client)
        }
    }

    private static let moderator = ParticipantID("mod")

    private func lock(
        _ fixture: SeatFixture, _ locked: Bool, _ fence: Int, by moderator: ParticipantID = moderator
    ) async throws -> ModerationOutcome {
        try await fixture.store.lock(fixture.room, locked, by: moderator, fence: fence).outcome
    }

    private static func waiting(_ fixture: SeatFixture) async throws -> [String] {
        try await fixture.store.lobby(fixture.room).map(\.id.rawValue)
    }

    @Test(
        "who has to be admitted depends on the lobby and on the lock, and moderators never have to",
        arguments: [
            (RoomOptions.Lobby.nobody, false, nil, nil), (.guests, false, .lobby, nil),
            (.everyone, false, .lobby, .lobby),
            (.nobody, true, .locked, .locked), (.guests, true, .locked, .locked),
        ] as [(RoomOptions.Lobby, Bool, ServerMessage.Waiting.Reason?, ServerMessage.Waiting.Reason?)])
    func reasons(
        lobby: RoomOptions.Lobby, locked: Bool, guest: ServerMessage.Waiting.Reason?,
        colleague: ServerMessage.Waiting.Reason?
    ) async throws {
        let policy = Self.policy(locked: locked) { $0.lobby = lobby }
        let names = (guest == nil ? [] : ["guest"]) + (colleague == nil ? [] : ["colleague"])
        try await SeatFixture.with { (fixture: SeatFixture) async throws in
            // Nobody is inside yet: who comes early has to wait all the same.
            #expect(try await Self.come(fixture, "guest", .guest, policy).reason == guest)
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).reason == colleague)
            #expect(try await Self.come(fixture, "mod", .moderator, policy).grant != nil)
            #expect(try await Self.waiting(fixture).sorted() == names.sorted())
        }
    }

    @Test("a lock that moderators set stays, whatever ticket of directory comes, until the room is unlocked there")
    func lockStays() async throws {
        try await Self.withModerator(Self.policy(1, lockVersion: 1)) { fixture, fence async throws in
            #expect(try await lock(fixture, true, fence) == .done)
            // Options were changed at directory, which has not heard of the lock.
            let other = Self.policy(2, lockVersion: 1) { $0.muteOnJoining = true }
            #expect(try await Self.come(fixture, "early", .guest, other).reason == .locked)
            #expect(try await Self.come(fixture, "late", .guest, Self.policy(3, lockVersion: 1)).reason == .locked)
            #expect(try await Self.come(fixture, "open", .guest, Self.policy(4, lockVersion: 2)).grant != nil)
        }
    }

    @Test("each decision to lock has a higher number, also after Redis was lost, and names what it was made on")
    func lockNumbers() async throws {
        try await Self.withModerator(Self.policy(3, lockVersion: 2)) { fixture, fence async throws in
            func decide(_ locked: Bool) async throws -> LockReport {
                try #require(
                    try await fixture.store.lock(fixture.room, locked, by: Self.moderator, fence: fence).report)
            }
            var reports = [try await decide(true), try await decide(false), try await decide(false)]
            #expect(reports.map(\.locked) == [true, false, false])
            try await removeRoom(fixture.room, fixture.redis)
            var entry = SeatFixture.entry("mod")
            entry.participant.role = .moderator
            _ = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: MeetingID("m"), mediaNode: "", startedAt: 1,
                rules: .init(policy: Self.policy(3, lockVersion: 2)),
                seats: [SeatRecovery(fence: fence, epoch: "before", entry: entry)])
            reports.append(try await decide(true))
            #expect(zip(reports, reports.dropFirst()).allSatisfy { $0 < $1 })
            #expect(reports.allSatisfy { $0.lockVersion == 2 })
            try await fixture.store.setPolicy(fixture.room, Self.policy(4, locked: true, lockVersion: 3))
            #expect(try await decide(false).lockVersion == 3)
        }
    }

    @Test("who is admitted comes in, who is denied does not, and nobody else comes with their tickets")
    func answers() async throws {
        let policy = Self.policy { $0.lobby = .guests }
        try await Self.withModerator(policy) { fixture, fence in
            for name in ["a", "b"] { #expect(try await Self.come(fixture, name, policy).reason == .lobby) }
            #expect(try await Self.waiting(fixture) == ["a", "b"])
            let thief = try await fixture.store.join(
                fixture.room, ticket: "ticket of a", entry: SeatFixture.entry("thief"), meeting: MeetingID("m"),
                mediaNode: "", visitor: Visitor(policy: policy))
            #expect(thief.isTicketUsed)
            let admitted = try await fixture.store.admit(
                [ParticipantID("a")], to: fixture.room, by: Self.moderator, fence: fence)
            #expect(admitted == .done)
            #expect(
                try await fixture.store.deny(ParticipantID("b"), in: fixture.room, by: Self.moderator, fence: fence)
                    == .done)
            #expect(try await Self.waiting(fixture).isEmpty)
            #expect(try await Self.come(fixture, "b", policy).isDenied)
            #expect(try await Self.come(fixture, "a", policy).grant != nil)
            #expect(try await Self.come(fixture, "b", policy).isDenied)
            // Nothing is left of them: the next one has to be admitted anew.
            #expect(try await Self.come(fixture, "c", policy).reason == .lobby)
        }
    }

    @Test("only a moderator who holds the seat decides")
    func authority() async throws {
        let policy = Self.policy()
        try await Self.withModerator(policy) { fixture, fence in
            let grant = try #require(try await Self.come(fixture, "guest", policy).grant)
            let guest = ParticipantID("guest")
            #expect(try await lock(fixture, true, grant.fence, by: guest) == .forbidden)
            #expect(try await fixture.store.admit(nil, to: fixture.room, by: guest, fence: grant.fence) == .forbidden)
            #expect(
                try await fixture.store.deny(guest, in: fixture.room, by: guest, fence: grant.fence) == .forbidden)
            #expect(try await lock(fixture, true, fence - 1) == .notHeld(.stale))
            #expect(try await lock(fixture, true, fence, by: ParticipantID("nobody")) == .notHeld(.gone))
            #expect(try await fixture.store.snapshot(fixture.room).rules.locked == false)
        }
    }

    @Test("in a full room the admitted stand in line in the order of their coming, before who comes later")
    func fullRoom() async throws {
        let policy = Self.policy { $0.lobby = .guests }
        try await Self.withModerator(policy, seats: 2) { fixture, fence in
            let colleague = try #require(try await Self.come(fixture, "x", .colleague, policy).grant)
            for name in ["first", "second"] { #expect(try await Self.come(fixture, name, policy).reason == .lobby) }
            // Who waits in the lobby is not in the line.
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).position == 1)
            let everybody = try await fixture.store.admit(nil, to: fixture.room, by: Self.moderator, fence: fence)
            #expect(everybody == .done)
            #expect(try await Self.come(fixture, "second", policy).position == 3)
            #expect(try await Self.come(fixture, "first", policy).position == 2)
            // Admitted is admitted, whatever is locked afterwards; who was only in line has to knock.
            _ = try await fixture.store.lock(fixture.room, true, by: Self.moderator, fence: fence)
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).reason == .locked)
            _ = try await fixture.store.leave(fixture.room, ParticipantID("x"), fence: colleague.fence, reason: .left)
            #expect(try await Self.come(fixture, "second", policy).position == 2)
            #expect(try await Self.come(fixture, "first", policy).grant != nil)
            #expect(try await Self.come(fixture, "second", policy).position == 1)
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 2])
        }
    }

    @Test("who is not heard of leaves the lobby, and who quits at once")
    func leases() async throws {
        let policy = Self.policy(locked: true)
        try await Self.withModerator(policy, lineLease: 1_000) { fixture, _ in
            _ = try await Self.come(fixture, "a", policy)
            _ = try await Self.come(fixture, "b", policy)
            try await fixture.store.quit(fixture.room, ParticipantID("b"))
            #expect(try await Self.waiting(fixture) == ["a"])
            try await eventually("the lease is over") {
                // Any call ends leases that are over.
                _ = try await fixture.store.snapshot(fixture.room)
                return try await Self.waiting(fixture).isEmpty ? nil : "it stands there"
            }
        }
    }

    @Test("the lobby has an end")
    func bound() async throws {
        let policy = Self.policy(locked: true)
        try await Self.withModerator(policy) { fixture, _ in
            for number in 1...Limits.lobby {
                #expect(try await Self.come(fixture, "w\(number)", policy).reason == .locked)
            }
            let late = try await Self.come(fixture, "late", policy)
            #expect(late.isCrowded)
            #expect(try await Self.come(fixture, "w7", policy).reason == .locked)
        }
    }

    @Test("who waits only for a moderator comes in when one is inside, and is in nobody's list")
    func waitForModerator() async throws {
        let policy = Self.policy { $0.waitForModerator = true }
        try await SeatFixture.with { fixture in
            #expect(try await Self.come(fixture, "early", policy).reason == .moderator)
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).reason == .moderator)
            #expect(try await Self.waiting(fixture).isEmpty)
            let grant = try #require(try await Self.come(fixture, "mod", .moderator, policy).grant)
            #expect(try await Self.come(fixture, "early", policy).grant != nil)
            _ = try await fixture.store.leave(fixture.room, Self.moderator, fence: grant.fence, reason: .left)
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).reason == .moderator)
        }
    }

    @Test("an entry that was made for an older policy is made anew, and an older policy changes nothing")
    func versions() async throws {
        let old = Self.policy(1), newer = Self.policy(2) { $0.lobby = .guests }
        try await Self.withModerator(newer) { fixture, _ in
            for known in [old, nil] {
                guard case .outdated(let policy) = try await Self.come(fixture, "a", known) else {
                    Issue.record("an old policy was taken")
                    return
                }
                #expect(policy == newer)
            }
            try await fixture.store.setPolicy(fixture.room, old)
            #expect(try await Self.come(fixture, "a", newer).reason == .lobby)
            try await fixture.store.setPolicy(fixture.room, Self.policy(3))
            #expect(try await Self.come(fixture, "a", Self.policy(3)).grant != nil)
            // A change of the policy is an event, with its number.
            #expect(try await fixture.log().filter { $0.json.contains(#""type":"room""#) }.count == 1)
        }
    }

    @Test("a policy that changes while nobody is there holds for whoever comes with an older ticket")
    func early() async throws {
        try await SeatFixture.with { fixture in
            try await fixture.store.setPolicy(fixture.room, Self.policy(2, locked: true))
            guard case .outdated(let policy) = try await Self.come(fixture, "a", Self.policy(1)) else {
                Issue.record("the room was open")
                return
            }
            #expect(try await Self.come(fixture, "a", policy).reason == .locked)
        }
    }

    @Test("of many who come while the room is being locked, each is inside before the lock or waits behind it")
    func lockRace() async throws {
        let policy = Self.policy()
        try await Self.withModerator(policy) { fixture, fence in
            let inside = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        if number == 20 {
                            _ = try await fixture.store.lock(fixture.room, true, by: Self.moderator, fence: fence)
                            return false
                        }
                        return try await Self.come(fixture, "p\(number)", policy).grant != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            let log = try await fixture.log().map(\.json)
            let locked = try #require(log.firstIndex { $0.contains(#""locked":true"#) })
            #expect(log[(locked + 1)...].allSatisfy { !$0.contains(#""type":"joined""#) })
            let waiting = try await Self.waiting(fixture).count
            #expect(inside + waiting == 39)
        }
    }

    @Test("two moderators who decide at the same moment: one wins, and the person is told one thing")
    func decisionRace() async throws {
        let policy = Self.policy(locked: true)
        try await Self.withModerator(policy) { fixture, fence in
            for round in 0..<20 {
                let person = "p\(round)"
                _ = try await Self.come(fixture, person, policy)
                async let admit = fixture.store.admit(
                    [ParticipantID(person)], to: fixture.room, by: Self.moderator, fence: fence)
                async let deny = fixture.store.deny(
                    ParticipantID(person), in: fixture.room, by: Self.moderator, fence: fence)
                _ = try await (admit, deny)
                let outcome = try await Self.come(fixture, person, policy)
                #expect((outcome.grant != nil) != outcome.isDenied)
            }
        }
    }

    @Test("policy and lock are restored with the seats when Redis has forgotten them")
    func restored() async throws {
        try await SeatFixture.with { fixture in
            var entry = SeatFixture.entry("mod")
            entry.participant.role = .moderator
            let policy = Self.policy(4) { $0.lobby = .guests }
            _ = try await fixture.store.restore(
                fixture.room, node: "n1", meeting: MeetingID("m"), mediaNode: "", startedAt: 1,
                rules: .init(policy: policy, locked: true),
                seats: [SeatRecovery(fence: 7, epoch: "another", entry: entry)])
            let rules = try await fixture.store.snapshot(fixture.room).rules
            #expect(rules == .init(policy: policy, locked: true))
            #expect(try await Self.come(fixture, "colleague", .colleague, policy).reason == .locked)
        }
    }

    @Test("chat that is not to be kept is neither kept nor shown")
    func chat() async throws {
        let policy = Self.policy()
        try await Self.withModerator(policy) { fixture, fence in
            func say(_ text: String) async throws {
                let draft = ChatDraft(from: Self.moderator, name: "mod", text: text, at: .now)
                _ = try await fixture.store.send(draft, key: nil, to: fixture.room, fence: fence)
            }
            try await say("kept")
            #expect(try await fixture.store.snapshot(fixture.room).chat.map(\.text) == ["kept"])
            try await fixture.store.setPolicy(fixture.room, Self.policy(2) { $0.keepChat = false })
            try await say("passing")
            #expect(try await fixture.store.snapshot(fixture.room).chat.isEmpty)
            try await fixture.store.setPolicy(fixture.room, Self.policy(3))
            #expect(try await fixture.store.snapshot(fixture.room).chat.isEmpty)
        }
    }

    @Test("what directory asks: whether a running meeting is locked, and whether a moderator is inside")
    func states() async throws {
        let policy = Self.policy(locked: true)
        try await Self.withModerator(policy) { fixture, fence in
            let other = newRoom()
            let store = fixture.store
            #expect(
                try await store.states([fixture.room]) == [fixture.room: RunningRoom(locked: true, moderated: true)])
            _ = try await store.lock(fixture.room, false, by: Self.moderator, fence: fence)
            let states = try await store.states([fixture.room, other])
            #expect(states[fixture.room] == RunningRoom(locked: false, moderated: true))
            #expect(states[other] == RunningRoom(locked: false, moderated: false))
        }
    }

    private static func come(_ fixture: SeatFixture, _ name: String, _ policy: RoomPolicy?) async throws -> JoinOutcome
    {
        try await come(fixture, name, .guest, policy)
    }
}

extension JoinOutcome {
    var reason: ServerMessage.Waiting.Reason? { if case .knocking(let reason) = self { reason } else { nil } }
    var isDenied: Bool { if case .denied = self { true } else { false } }
    var isCrowded: Bool { if case .crowded = self { true } else { false } }
}
