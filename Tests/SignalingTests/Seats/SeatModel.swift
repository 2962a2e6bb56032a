import Foundation
import ParleyProtocol
import Redis
import TestSupport

@testable import SignalingService

/// The same numbers for the same seed (SplitMix64, Steele et al. 2014), so that a run that failed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A seat as a signaling node knows it, and the node's rules for it, without sockets: what `RoomHub` does, told in a page.
struct ModelNode {
    struct Held {
        var fence: Int
        var epoch: String
        var entry: SeatEntry
    }

    let name: String
    let store: SeatStore
    var held: [ParticipantID: Held] = [:]
    var renewedAt = ContinuousClock.now
    /// Does nothing and hears nothing, as a stopped process.
    var isPaused = false
    /// Goodbyes of sockets that ended long ago, on their way still.
    var lateGoodbyes: [(participant: ParticipantID, fence: Int)] = []

    /// Who is served here at this moment: nobody when the leases may be over.
    func served(trust: Duration) -> [ParticipantID] {
        isPaused || ContinuousClock.now - renewedAt > trust ? [] : Array(held.keys)
    }
}

/// A room with a few nodes and people who come, go, come back and vanish in any order, over the real scripts.
struct SeatModel {
    static let seats = 4
    static let lease = 400
    static let rules = SeatRules(
        seats: seats, lease: lease, lineLease: 200, rebuild: 120, rebuildWithData: 60, silence: 100_000,
        ownerPause: 0)

    /// An invariant that does not hold.
    struct Violation: Error, CustomStringConvertible {
        var description: String
    }

    /// What a test of the tests breaks.
    enum Mutant: CaseIterable {
        case restoreWithoutEpoch, leaveWithoutFence, expiryByNodeClock, noWindow

        /// What most of them do wrong shows best in one epoch, and when many do not hear that their seat was taken over.
        var isAboutOneEpoch: Bool { self != .noWindow }
    }

    let room = newRoom()
    let redis: RedisClient
    let mutant: Mutant?
    private let losesMemory: Bool
    /// Until then nobody new may come in, whatever the scripts say.
    private var closedUntil = ContinuousClock.now
    var nodes: [ModelNode]
    var random: SeededGenerator
    var fence = 0
    var epoch = ""
    /// The fence that each seat was last granted with.
    var owners: [ParticipantID: Int] = [:]
    /// Those who have given up their seats in this epoch.
    var departed: Set<ParticipantID> = []
    /// Those whose former owner was not told of a takeover. When Redis then loses its memory too, it may put them back though
    /// they leave before: two faults at once, of which the second hides the first.
    var untold: Set<ParticipantID> = []
    var excused: Set<ParticipantID> = []
    /// Of a hundred takeovers, how many the former owner hears of.
    let heard: Int
    /// Sockets that were told of nothing when another node took their seat over.
    var unheard = 0
    private var lastPerson = 0

    /// - Parameter isInOneEpoch: whether Redis keeps its memory, and more than half of takeovers are not heard of.
    init(redis: RedisClient, seed: UInt64, mutant: Mutant?, isInOneEpoch: Bool) {
        self.redis = redis
        self.mutant = mutant
        losesMemory = !isInOneEpoch
        heard = isInOneEpoch ? 40 : 85
        random = SeededGenerator(seed: seed)
        nodes = (0..<3).map { number in
            let store = SeatStore(
                redis: redis, rules: Self.rules, mutation: { Self.mutate($0, mutant, node: number) })
            return ModelNode(name: "n\(number)", store: store)
        }
    }

    private static func mutate(_ script: RedisScript, _ mutant: Mutant?, node: Int) -> RedisScript {
        switch mutant {
        case .restoreWithoutEpoch:
            script.replacing("granted == epoch and highest", "false and highest")
                .replacing("redis.call('EXISTS', farewell(participant)) == 1", "false")
        case .leaveWithoutFence: script.replacing("if arg[2] ~= 'any' and fence ~= arg[2]", "if false")
        case .expiryByNodeClock:
            script.replacing("math.floor(clock[2] / 1000)", "math.floor(clock[2] / 1000) + \(node * lease * 2 / 3)")
        case .noWindow: script.replacing("  if now < opens then return", "  if false then return")
        case nil: script
        }
    }

    // MARK: Steps

    mutating func step() async throws {
        let node = Int.random(in: 0..<nodes.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<28: try await join(at: node)
        case 28..<42: try await leave(at: node)
        case 42..<66: try await renewAll()
        case 66..<78: try await resume(at: node)
        case 78..<82: kill(node)
        case 82..<86: nodes[node].isPaused.toggle()
        case 86..<90: try await sayLateGoodbyes()
        case 90..<92 where losesMemory: try await loseMemory()
        case 92..<94 where losesMemory: try await losePartly()
        default: try await Task.sleep(for: .milliseconds(Int.random(in: 5...60, using: &random)))
        }
        try await check()
    }

    private mutating func join(at node: Int) async throws {
        guard !nodes[node].isPaused else { return }
        lastPerson += 1
        let entry = SeatFixture.entry("p\(lastPerson)", node: nodes[node].name)
        let isRebuilding = try await isRebuilding()
        let ticket = "t\(lastPerson)"
        let first = try await enter(entry, ticket: ticket, at: node)
        // The answer may have been lost: the same call again.
        let again = try await enter(entry, ticket: ticket, at: node)
        guard let first else { return }
        // Unless the window has ended in between.
        let isStill = try await self.isRebuilding()
        if isRebuilding && isStill || .now < closedUntil {
            throw Violation(description: "I7: somebody new came in while Redis was rebuilt")
        }
        guard again?.fence == first.fence else { throw Violation(description: "I4: the same join, two seats") }
        try noteGrant(entry.participant.id, first.fence, first.snapshot.epoch)
        nodes[node].held[entry.participant.id] = .init(fence: first.fence, epoch: first.snapshot.epoch, entry: entry)
        if nodes[node].held.count == 1 { nodes[node].renewedAt = .now }
    }

    private func enter(_ entry: SeatEntry, ticket: String, at node: Int) async throws -> SeatGrant? {
        let outcome = try await nodes[node].store.join(
            room, ticket: ticket, entry: entry, meeting: MeetingID("m"), mediaNode: "")
        return outcome.grant
    }

    private mutating func noteGrant(_ id: ParticipantID, _ fence: Int, _ epoch: String) throws {
        owners[id] = fence
        if epoch == self.epoch, fence <= self.fence { throw Violation(description: "I3: a fence did not rise") }
        self.epoch = epoch
        self.fence = max(self.fence, fence)
    }

    private mutating func leave(at node: Int) async throws {
        guard !nodes[node].isPaused, let (id, seat) = nodes[node].held.randomElement(using: &random) else { return }
        nodes[node].held[id] = nil
        let outcome = try await nodes[node].store.leave(room, id, fence: seat.fence, reason: .left)
        if outcome == .done, !excused.contains(id) { departed.insert(id) }
    }

    /// Somebody's socket breaks, and another node gets the resume token. The former owner may never hear of it.
    private mutating func resume(at node: Int) async throws {
        let others = nodes.indices.filter { $0 != node && !nodes[$0].held.isEmpty }
        guard !nodes[node].isPaused, let other = others.randomElement(using: &random),
            let (id, seat) = nodes[other].held.randomElement(using: &random),
            let read = try await nodes[node].store.entry(room, id)
        else { return }
        var entry = read.entry
        entry.node = nodes[node].name
        entry.resumeHash = "\(fence)"
        guard let taken = try await nodes[node].store.takeOver(room, read: read, entry: entry).transfer else { return }
        try noteGrant(id, taken.fence, taken.snapshot.epoch)
        if nodes[node].held.isEmpty { nodes[node].renewedAt = .now }
        nodes[node].held[id] = .init(fence: taken.fence, epoch: taken.snapshot.epoch, entry: entry)
        if !nodes[other].isPaused, Int.random(in: 0..<100, using: &random) < heard {
            nodes[other].held[id] = nil
            nodes[other].lateGoodbyes.append((id, seat.fence))
        } else {
            unheard += 1
            untold.insert(id)
            // Its former owner knows it from an earlier memory of Redis: the two faults came in the other order.
            if seat.epoch != taken.snapshot.epoch { excused.insert(id) }
        }
    }

    private mutating func sayLateGoodbyes() async throws {
        for index in nodes.indices where !nodes[index].isPaused {
            for goodbye in nodes[index].lateGoodbyes {
                _ = try await nodes[index].store.leave(room, goodbye.participant, fence: goodbye.fence, reason: .gone)
            }
            nodes[index].lateGoodbyes = []
        }
    }

    private mutating func kill(_ node: Int) {
        nodes[node].held = [:]
        nodes[node].lateGoodbyes = []
        nodes[node].isPaused = false
    }

    private mutating func renewAll() async throws {
        for index in nodes.indices where !nodes[index].isPaused && !nodes[index].held.isEmpty {
            try await renew(index)
        }
        if nodes.allSatisfy({ !$0.isPaused }) { unheard = 0 }
    }

    private mutating func renew(_ index: Int) async throws {
        let sentAt = ContinuousClock.now
        // What is sent in time may be carried out late on a busy machine.
        let wasInTime = sentAt - nodes[index].renewedAt < .milliseconds(Self.lease / 2)
        let held = nodes[index].held
        let outcome = try await nodes[index].store.renew(room, seats: held.map { ($0.key, $0.value.fence) })
        var missing: [SeatRecovery] = []
        for loss in outcome.lost {
            guard let seat = held[loss.participant] else { continue }
            // The mutant is the first thing that comes to mind: what is missing is put back.
            if seat.epoch != outcome.epoch || mutant == .restoreWithoutEpoch {
                missing.append(SeatRecovery(fence: seat.fence, epoch: seat.epoch, entry: seat.entry))
            } else {
                if loss.reason == .gone, wasInTime, owners[loss.participant] == seat.fence {
                    throw Violation(description: "a seat that was renewed in time is gone")
                }
                nodes[index].held[loss.participant] = nil
            }
        }
        if !missing.isEmpty {
            let restored = try await nodes[index].store.restore(
                room, node: nodes[index].name, meeting: MeetingID("m"), mediaNode: "", startedAt: 1, seats: missing)
            for loss in restored.lost { nodes[index].held[loss.participant] = nil }
        }
        for id in Array(nodes[index].held.keys) { nodes[index].held[id]?.epoch = outcome.epoch }
        nodes[index].renewedAt = sentAt
    }

    // MARK: Faults of Redis

    private func isRebuilding() async throws -> Bool {
        let times = try await redis.send("HMGET", .init(Partition(of: room).mark), "until").array ?? []
        let clock = try await redis.send("TIME").array?.compactMap(\.int) ?? []
        guard let until = times.first?.int, clock.count == 2 else { return false }
        // What ends in the next moment may have ended when the script runs.
        return until - (clock[0] * 1_000 + clock[1] / 1_000) > 30
    }

    private mutating func loseMemory() async throws {
        noteLoss()
        // The scripts begin to count at their next call, which is later.
        closedUntil = .now + .milliseconds(Self.rules.rebuild)
        try await redis.send("FLUSHALL")
    }

    private mutating func noteLoss() {
        departed = []
        excused = untold
    }

    /// As a replica does that was behind: some seats are missing, and it is another process.
    private mutating func losePartly() async throws {
        noteLoss()
        let keys = SeatKeys(room)
        for id in try await redis.send("HKEYS", .init(keys.roster)).array?.compactMap(\.string) ?? []
        where Int.random(in: 0..<10, using: &random) < 3 {
            try await redis.send("HDEL", .init(keys.roster), .init(id))
            try await redis.send("ZREM", .init(keys.seats), .init(id))
        }
        if try await redis.send("EXISTS", .init(Partition(of: room).mark)).int == 1 {
            try await redis.send("HSET", .init(Partition(of: room).mark), "run", "another")
        }
    }

    // MARK: Invariants

    private func check() async throws {
        let keys = SeatKeys(room)
        let seats = try await redis.send("ZRANGE", .init(keys.seats), 0, -1).array?.compactMap(\.string) ?? []
        let roster = try await redis.send("HKEYS", .init(keys.roster)).array?.compactMap(\.string) ?? []
        if seats.count > Self.seats { throw Violation(description: "I1: \(seats.count) seats") }
        if Set(seats) != Set(roster) { throw Violation(description: "I2: seats \(seats), roster \(roster)") }
        if let ghost = roster.first(where: { departed.contains(ParticipantID($0)) }) {
            throw Violation(description: "\(ghost) has left and is back")
        }
        let served = nodes.flatMap { $0.served(trust: .milliseconds(Self.lease * 3 / 4)) }
        // While Redis is rebuilt, those who were inside are served, whether they are back in Redis or not.
        if served.count > Self.seats + unheard { throw Violation(description: "I6: \(served.count) are served") }
    }

    /// I5: when all is quiet, Redis and the nodes hold the same.
    mutating func settle() async throws {
        for index in nodes.indices { nodes[index].isPaused = false }
        try await sayLateGoodbyes()
        let end = ContinuousClock.now + .milliseconds(Self.lease + 300)
        while .now < end {
            try await renewAll()
            try await Task.sleep(for: .milliseconds(60))
        }
        try await renewAll()
        // Leases that are over end with the next call.
        _ = try await nodes[0].store.snapshot(room)
        try await check()
        let held = nodes.flatMap(\.held.keys).map(\.rawValue).sorted()
        let seats = try await redis.send("ZRANGE", .init(SeatKeys(room).seats), 0, -1).array?.compactMap(\.string) ?? []
        if seats.sorted() != held { throw Violation(description: "I5: Redis has \(seats), the nodes have \(held)") }
    }
}

extension RedisScript {
    fileprivate func replacing(_ text: String, _ other: String) -> RedisScript {
        RedisScript(source.replacing(text, with: other))
    }
}
