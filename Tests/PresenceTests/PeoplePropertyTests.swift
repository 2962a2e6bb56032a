import Foundation
import ParleyProtocol
import Postgres
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Everybody's presence, whatever happens in whatever order", .timeLimit(.minutes(2)))
struct PeoplePropertyTests {
    @Test("processes side by side agree in the end, and number their changes without gaps", arguments: 1...4)
    func sideBySide(_ seed: UInt64) async throws {
        try await PeopleBench.run { bench in
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
        try await PeopleBench.run { bench in
            var random = SeededGenerator(seed: seed)
            var state = PersonalState()
            var inside: Set<ParticipantID> = []
            var devices: [String: Bool] = [:]
            var sequence = 0
            for number in 1...40 {
                let step = Step.allCases.randomElement(using: &random) ?? .enter
                switch step {
                case .enter:
                    inside.insert(Sample.participant())
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
