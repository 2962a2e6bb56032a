import Foundation
import ParleyProtocol
import Postgres
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Everybody's presence, in Redis and PostgreSQL", .timeLimit(.minutes(2)))
struct PeopleTests {
    private struct Bench: Sendable {
        let people: People
        let redis: TestRedis
        let client: RedisClient
        let person = PersonKey(organization: Sample.organization(), account: Sample.account())

        func seen(_ person: PersonKey? = nil) async throws -> SeenPresence {
            let person = person ?? self.person
            let view = try await people.snapshot(of: person.organization, accounts: [person.account]).views.first
            guard let view = try view?.decoded() else { return .hidden }
            return SeenPresence(state: view.state, note: view.note, text: view.text, until: view.until)
        }

        func loseMemory() async throws { try await redis.removeKeys(client) }

        /// Lets leases be over.
        func end(_ leases: [String]) async throws {
            let key = people.store.key(person.organization, "person:\(person.account)")
            for lease in leases {
                let mark = lease.hasPrefix("d:") ? "1a" : "1"
                try await client.send("HSET", RedisArgument(key), RedisArgument(lease), RedisArgument(mark))
            }
        }
    }

    private static func withBench(
        lease: Duration = .seconds(60), _ body: @Sendable (Bench) async throws -> Void
    ) async throws {
        try await TestDatabase.withPool(migrator: presenceMigrator) { pool in
            try await TestRedis.withClient { redis, client in
                let people = People(
                    store: PeopleStore(redis: client, lease: lease, prefix: redis.prefix),
                    settings: PersonSettingsStore(pool: pool))
                try await body(Bench(people: people, redis: redis, client: client))
            }
        }
    }

    private static func participant() -> ParticipantID { Sample.participant() }

    @Test("somebody is busy until the last of their meetings ends, and then what they were before")
    func meetings() async throws {
        try await Self.withBench { bench in
            let (one, two) = (Self.participant(), Self.participant())
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            #expect(try await bench.seen().state == .available)
            try await bench.people.change(bench.person, [.meeting(one)])
            try await bench.people.change(bench.person, [.meeting(two)])
            #expect(try await bench.seen() == .inMeeting)
            try await bench.people.change(bench.person, [.meetingEnded(one)])
            try await bench.people.change(bench.person, [.meetingEnded(one)])
            #expect(try await bench.seen() == .inMeeting)
            try await bench.people.change(bench.person, [.meetingEnded(two)])
            #expect(try await bench.seen().state == .available)
        }
    }

    @Test("what nobody renews ends by itself, and others see it")
    func leases() async throws {
        try await Self.withBench(lease: .milliseconds(300)) { bench in
            try await bench.people.change(bench.person, [.meeting(Self.participant())])
            #expect(try await bench.seen() == .inMeeting)
            try await eventually("the end of the lease") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen()
                return seen == .hidden ? nil : "\(seen)"
            }
            // Nothing ends there any more, and nobody says anything: nobody looks.
            let meta = RedisArgument(bench.people.store.key(bench.person.organization, "meta"))
            try await bench.client.send("HSET", meta, "stirred", "1")
            try await eventually("no look") {
                try await bench.people.settleEnds()
                let looked = try await bench.client.send(
                    "EXISTS", RedisArgument("\(bench.redis.prefix)p:organizations"))
                return looked.int == 0 ? nil : "still looked at"
            }
        }
    }

    @Test("what was set by hand is kept, ends at its time, and outlives a Redis that has lost its memory")
    func byHand() async throws {
        try await Self.withBench { bench in
            let other = PersonKey(organization: bench.person.organization, account: Sample.account())
            try await bench.people.set(ManualPresence(state: .doNotDisturb, text: "Writing"), of: bench.person)
            try await bench.people.set(ManualPresence(state: .busy, until: .now + 1), of: other)
            #expect(try await bench.seen() == SeenPresence(state: .doNotDisturb, text: "Writing"))
            try await bench.loseMemory()
            #expect(try await bench.seen() == SeenPresence(state: .doNotDisturb, text: "Writing"))
            try await eventually("the end") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen(other)
                return seen == .hidden ? nil : "\(seen)"
            }
        }
    }

    @Test("each change has the next number, and whoever missed some gets them, or nothing when they can't be told")
    func changes() async throws {
        try await Self.withBench { bench in
            let start = try await bench.people.snapshot(of: bench.person.organization)
            #expect(start.seq == 0 && start.views.isEmpty)
            for isActive in [true, true, false] {
                try await bench.people.change(bench.person, [.device("phone", isActive: isActive)])
            }
            let changes = try #require(
                try await bench.people.store.changes(of: bench.person.organization, epoch: start.epoch, after: 0))
            let states = try changes.map {
                try WireJSON.decoder.decode(PresenceView.self, from: Data($0.view)).state
            }
            #expect(
                changes.map(\.seq) == [1, 2] && states == [.available, .inactive], "what changes nothing is not told")
            for (epoch, seq) in [("another", 0), (start.epoch, 3)] {
                let none = try await bench.people.store.changes(
                    of: bench.person.organization, epoch: epoch, after: seq)
                #expect(none == nil)
            }
        }
    }

    @Test("what Redis could not be told when it was set is told later")
    func pending() async throws {
        try await Self.withBench { bench in
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            // As a process leaves it that ends right after PostgreSQL has answered.
            _ = try await bench.people.settings.set(ManualPresence(state: .absent), of: bench.person)
            #expect(try await bench.seen().state == .available)
            try await eventually("the news") {
                try await bench.people.publishPending()
                let seen = try await bench.seen()
                return seen.state == .absent ? nil : "\(seen)"
            }
            #expect(try await bench.people.settings.unpublished().isEmpty)
        }
    }

    @Test("an older version of what was set never replaces a newer one")
    func versions() async throws {
        try await Self.withBench { bench in
            let old = try #require(
                try await bench.people.settings.set(ManualPresence(state: .absent), of: bench.person))
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            try await bench.people.change(bench.person, [.settings(old)])
            #expect(try await bench.seen().state == .busy)
        }
    }

    @Test("what was noted by a process that ended before others saw it is seen all the same")
    func halfDone() async throws {
        try await Self.withBench { bench in
            let meeting = Self.participant()
            try await bench.people.change(bench.person, [.meeting(meeting), .device("laptop", isActive: true)])
            for changes in [[PersonChange.meetingEnded(meeting)], [.deviceGone("laptop")]] {
                let before = try await bench.seen()
                _ = try await bench.people.store.change(bench.person, changes)
                #expect(try await bench.seen() == before)
                try await eventually("the end") {
                    try await bench.people.settleEnds()
                    return try await bench.seen() == before ? "it is still seen" : nil
                }
            }
            #expect(try await bench.seen() == .hidden)
        }
    }

    @Test("who was deleted leaves nothing")
    func removal() async throws {
        try await Self.withBench { bench in
            try await bench.people.set(ManualPresence(state: .busy, text: "Writing"), of: bench.person)
            try await AccountStore(pool: bench.people.settings.pool).remove(bench.person.account)
            try await bench.people.change(bench.person, [.removed])
            #expect(try await bench.seen() == .hidden)
            // A token lives a moment longer than its account.
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            let late = PresenceProfiles.Item(
                account: bench.person.account, organization: bench.person.organization, inMeetings: .busy, isShown: true
            )
            #expect(try await AccountStore(pool: bench.people.settings.pool).keep([late]).isEmpty)
            try await bench.loseMemory()
            #expect(try await bench.seen() == .hidden)
        }
    }

    @Test("an end that comes between looking and telling is seen")
    func endMeanwhile() async throws {
        try await Self.withBench { bench in
            try await bench.people.set(
                ManualPresence(state: .absent, text: "Away", until: .now + 0.5), of: bench.person)
            let found = try await bench.people.store.change(bench.person, [.meeting(Self.participant())])
            #expect(found.seen.text == "Away")
            // By the clock of Redis.
            try await eventually("the time") {
                try await bench.people.store.change(bench.person, []).isOver ? nil : "it is not over"
            }
            guard case .other(let newer) = try await bench.people.store.settle(bench.person, found) else {
                Issue.record("an old view was told")
                return
            }
            #expect(newer.seen == .inMeeting)
            // Whoever got that answer may have died.
            try await eventually("the end") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen()
                return seen == .inMeeting ? nil : "\(seen)"
            }
        }
    }

    @Test("a Redis that runs again with older data begins anew with what PostgreSQL holds")
    func olderData() async throws {
        try await Self.withBench { bench in
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            let before = try await bench.people.snapshot(of: bench.person.organization)
            // As a replica that was behind, or a file that lacks the last second.
            let old = try #require(
                try await bench.people.settings.set(ManualPresence(state: .invisible), of: bench.person))
            try await bench.people.settings.notePublished(bench.person, version: old.version)
            let meta = RedisArgument(bench.people.store.key(bench.person.organization, "meta"))
            try await bench.client.send("HSET", meta, "run", "0123456789abcdef")
            #expect(try await bench.seen() == .hidden)
            let after = try await bench.people.snapshot(of: bench.person.organization)
            #expect(after.epoch != before.epoch)
            let missed = try await bench.people.store.changes(
                of: bench.person.organization, epoch: before.epoch, after: before.seq)
            #expect(missed == nil)
        }
    }

    @Test("many who are gone at once are seen to be gone in one look")
    func manyAtOnce() async throws {
        try await Self.withBench(lease: .seconds(2)) { bench in
            let organization = bench.person.organization
            let everybody = (1...700).map { _ in PersonKey(organization: organization, account: Sample.account()) }
            for person in everybody { try await bench.people.change(person, [.meeting(Self.participant())]) }
            try await eventually(timeout: .seconds(20), "all leases are over") {
                let due = RedisArgument(bench.people.store.key(organization, "due"))
                let now = String(Int(Date.now.timeIntervalSince1970 * 1_000))
                let waiting = try await bench.client.send("ZCOUNT", due, RedisArgument("(\(now)"), "+inf")
                return waiting.int == 0 ? nil : "\(waiting)"
            }
            try await eventually("one look") {
                try await bench.people.settleEnds()
                let views = try await bench.people.snapshot(of: organization).views
                return views.isEmpty ? nil : "\(views.count) are seen"
            }
        }
    }

    @Test("processes side by side agree in the end, and number their changes without gaps", arguments: 1...4)
    func sideBySide(_ seed: UInt64) async throws {
        try await Self.withBench { bench in
            let organization = bench.person.organization
            let everybody = (1...3).map { _ in PersonKey(organization: organization, account: Sample.account()) }
            let epoch = try await bench.people.snapshot(of: organization).epoch
            let other = People(store: bench.people.store, settings: bench.people.settings)
            // Each line has its own meetings and devices, so that what holds in the end is known.
            let states = try await withThrowingTaskGroup(of: [PersonKey: PersonalState].self) { group in
                for line in 1...6 {
                    let people = line.isMultiple(of: 2) ? bench.people : other
                    group.addTask {
                        try await Self.walk(
                            people, everybody, line: line, seed: seed &* 100 &+ UInt64(line))
                    }
                }
                return try await group.reduce(into: [PersonKey: PersonalState]()) { all, some in
                    all.merge(some) { first, second in
                        var sum = first
                        sum.meetings += second.meetings
                        sum.activeDevices += second.activeDevices
                        sum.inactiveDevices += second.inactiveDevices
                        return sum
                    }
                }
            }
            for person in everybody {
                let expected = try #require(states[person]).seen(at: .now)
                #expect(try await bench.seen(person) == expected, "seed \(seed)")
            }
            let changes = try #require(
                try await bench.people.store.changes(of: organization, epoch: epoch, after: 0))
            #expect(changes.map(\.seq) == Array(1...max(1, changes.count)))
            // Who listens knows the same in the end as who asks.
            var heard: [AccountID: PresenceView] = [:]
            for change in changes {
                let view = try WireJSON.decoder.decode(PresenceView.self, from: Data(change.view))
                heard[view.account] = view.state == .offline && view.text == nil ? nil : view
            }
            let asked = try await bench.people.snapshot(of: organization).decoded().items
            #expect(Set(heard.values) == Set(asked))
        }
    }

    /// Enters, leaves, comes and goes for a while.
    /// - Returns: what holds afterwards of what it did.
    private static func walk(
        _ people: People, _ everybody: [PersonKey], line: Int, seed: UInt64
    ) async throws -> [PersonKey: PersonalState] {
        var random = SeededGenerator(seed: seed)
        var states = Dictionary(uniqueKeysWithValues: everybody.map { ($0, PersonalState()) })
        for _ in 1...30 {
            guard let person = everybody.randomElement(using: &random), var state = states[person] else { continue }
            let meeting = ParticipantID("meeting-\(line)")
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                state.meetings = 1
                try await people.change(person, [.meeting(meeting)])
            case 1:
                state.meetings = 0
                try await people.change(person, [.meetingEnded(meeting)])
            case 2:
                (state.activeDevices, state.inactiveDevices) = (1, 0)
                try await people.change(person, [.device("device-\(line)", isActive: true)])
            case 3:
                (state.activeDevices, state.inactiveDevices) = (0, 1)
                try await people.change(person, [.device("device-\(line)", isActive: false)])
            default:
                (state.activeDevices, state.inactiveDevices) = (0, 0)
                try await people.change(person, [.deviceGone("device-\(line)")])
            }
            states[person] = state
        }
        return states
    }

    /// What somebody may do, or what may happen to them.
    private enum Step: CaseIterable {
        case enter, enterAgain, leave, device, idle, gone, byHand, crash, loss
    }

    @Test(
        "in any order of entering, leaving, crashing and setting, what is seen follows from what is", arguments: 1...12)
    func anyOrder(_ seed: UInt64) async throws {
        try await Self.withBench { bench in
            var random = SeededGenerator(seed: seed)
            var state = PersonalState()
            var inside: Set<ParticipantID> = []
            var devices: [String: Bool] = [:]
            var sequence = 0
            for number in 1...40 {
                let step = Step.allCases.randomElement(using: &random) ?? .enter
                switch step {
                case .enter:
                    inside.insert(Self.participant())
                case .enterAgain, .device, .idle:
                    if step != .enterAgain {
                        devices[["laptop", "phone"].randomElement(using: &random) ?? "laptop"] = step == .device
                    }
                case .leave:
                    if let one = inside.randomElement(using: &random) {
                        inside.remove(one)
                        try await bench.people.change(bench.person, [.meetingEnded(one)])
                    }
                case .gone:
                    if let one = devices.keys.sorted().randomElement(using: &random) {
                        devices[one] = nil
                        try await bench.people.change(bench.person, [.deviceGone(one)])
                    }
                case .byHand:
                    state.manual = ManualPresence(
                        state: ManualState.allCases.randomElement(using: &random) ?? .busy,
                        text: [nil, "Text"].randomElement(using: &random) ?? nil)
                    try await bench.people.set(state.manual, of: bench.person)
                case .crash:
                    // Everything that renewed is gone without a word, long ago.
                    try await bench.end(inside.map { "m:\($0)" } + devices.keys.map { "d:\($0)" })
                    (inside, devices) = ([], [:])
                case .loss:
                    try await bench.loseMemory()
                }
                // What lives says so again and again.
                try await bench.people.change(
                    bench.person,
                    inside.map { .meeting($0) } + devices.map { .device($0.key, isActive: $0.value) })
                state.meetings = inside.count
                state.activeDevices = devices.values.count { $0 }
                state.inactiveDevices = devices.count - state.activeDevices
                let seen = try await bench.seen()
                #expect(seen == state.seen(at: .now), "seed \(seed), step \(number): \(step)")
                let seq = try await bench.people.snapshot(of: bench.person.organization).seq
                #expect(step == .loss || seq >= sequence)
                sequence = seq
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
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
