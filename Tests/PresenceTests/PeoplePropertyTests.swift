import Foundation
import ParleyProtocol
import Postgres
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Everybody's presence, whatever happens in whatever order", .timeLimit(.minutes(2)))
struct PeoplePropertyTests {
    /// What somebody may do, or what may happen to them.
    fileprivate enum Step: CaseIterable {
        case enter, enterAgain, leave, device, idle, gone
        /// Something is set by hand, which may have an end that is far.
        case byHand
        /// What is set by hand ends by itself, a moment later.
        case expiry
        /// All that renewed leases is gone without a word, and they end.
        case crash
        /// A process ends after it has noted a change, and before others see it.
        case halfLeave, halfByHand
        /// Redis has lost its memory.
        case loss
    }

    @Test(
        "in any order of entering, leaving, crashing, setting and expiring, what is seen follows from what is",
        arguments: 1...16)
    func anyOrder(_ seed: UInt64) async throws {
        try await PeopleBench.run { bench in
            var random = SeededGenerator(seed: seed)
            var person = Model()
            var sequence = 0
            for number in 1...40 {
                let step = Step.allCases.randomElement(using: &random) ?? .enter
                try await person.take(step, bench, using: &random)
                if step.endsByItself {
                    // Nobody says anything: it is found by who looks after what ends.
                    try await eventually("what follows, seed \(seed), step \(number): \(step)") {
                        try await bench.settleEnds()
                        try await bench.people.publishPending()
                        let seen = try await bench.seen()
                        return seen == person.state.seen(at: .now) ? nil : "\(seen)"
                    }
                }
                // What lives says so again and again.
                try await bench.people.change(bench.person, person.signs)
                let seen = try await bench.seen()
                #expect(seen == person.state.seen(at: .now), "seed \(seed), step \(number): \(step)")
                let seq = try await bench.people.snapshot(of: bench.person.organization).seq
                #expect(step == .loss || seq >= sequence)
                sequence = seq
            }
        }
    }

    /// What is so of the person of the bench.
    private struct Model {
        var inside: Set<ParticipantID> = []
        var devices: [String: Bool] = [:]
        var manual = ManualPresence()

        var state: PersonalState {
            let active = devices.values.count { $0 }
            return PersonalState(
                manual: manual, meetings: inside.count, activeDevices: active, inactiveDevices: devices.count - active)
        }

        var signs: [PersonChange] {
            inside.map { .meeting($0) } + devices.map { .device($0.key, isActive: $0.value) }
        }

        mutating func take(_ step: Step, _ bench: PeopleBench, using random: inout SeededGenerator) async throws {
            let someone = inside.sorted { $0.rawValue < $1.rawValue }.randomElement(using: &random)
            switch step {
            case .enter: inside.insert(Sample.participant())
            case .enterAgain: break
            case .device, .idle:
                devices[["laptop", "phone"].randomElement(using: &random) ?? "laptop"] = step == .device
            case .leave:
                guard let someone else { return }
                inside.remove(someone)
                try await bench.people.change(bench.person, [.meetingEnded(someone)])
            case .halfLeave:
                guard let someone else { return }
                inside.remove(someone)
                _ = try await bench.people.store.change(bench.person, [.meetingEnded(someone)])
            case .gone:
                guard let one = devices.keys.sorted().randomElement(using: &random) else { return }
                devices[one] = nil
                try await bench.people.change(bench.person, [.deviceGone(one)])
            case .byHand:
                manual = .random(until: [nil, .inAnHour].randomElement(using: &random) ?? nil, using: &random)
                try await bench.people.set(manual, of: bench.person)
            case .halfByHand:
                manual = .random(until: nil, using: &random)
                _ = try await bench.people.settings.set(manual, of: bench.person)
                // A moment is left to who makes the change.
                try await bench.people.settings.pool.execute(
                    "update person set updated_at = now() - interval '1 minute'")
            case .expiry:
                manual = .random(until: .now + 0.03, using: &random)
                try await bench.people.set(manual, of: bench.person)
                try await Task.sleep(for: .milliseconds(40))
            case .crash:
                try await bench.end(signs)
                (inside, devices) = ([], [:])
            case .loss:
                try await bench.loseMemory()
            }
        }
    }

    // MARK: Side by side

    @Test("processes side by side agree in the end, and number their changes without gaps", arguments: 1...6)
    func sideBySide(_ seed: UInt64) async throws {
        // Nothing ends but what is to end, however busy the machine is.
        try await PeopleBench.run(lease: .seconds(600)) { bench in
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
                            people, everybody, line: line, seed: seed &* 100 &+ UInt64(line), bench)
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
                var state = try #require(states[person])
                // Of those that set something at once, the last one holds, whichever that was.
                state.manual = try await bench.people.settings.settings(of: person).manual
                try await eventually("what \(state) leads to, seed \(seed)") {
                    try await bench.settleEnds()
                    let seen = try await bench.seen(person)
                    return seen == state.seen(at: .now) ? nil : "\(seen)"
                }
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

    /// Does things and suffers them for a while, and looks now and then after what has ended, as all processes do.
    /// - Returns: what holds afterwards of meetings and devices of this line.
    private static func walk(
        _ people: People, _ everybody: [PersonKey], line: Int, seed: UInt64, _ bench: PeopleBench
    ) async throws -> [PersonKey: PersonalState] {
        var random = SeededGenerator(seed: seed)
        var states = Dictionary(uniqueKeysWithValues: everybody.map { ($0, PersonalState()) })
        let (meeting, device) = (ParticipantID("meeting-\(line)"), "device-\(line)")
        for _ in 1...30 {
            guard let person = everybody.randomElement(using: &random), var state = states[person] else { continue }
            switch Int.random(in: 0..<9, using: &random) {
            case 0:
                state.meetings = 1
                try await people.change(person, [.meeting(meeting)])
            case 1:
                state.meetings = 0
                try await people.change(person, [.meetingEnded(meeting)])
            case 2:
                (state.activeDevices, state.inactiveDevices) = (1, 0)
                try await people.change(person, [.device(device, isActive: true)])
            case 3:
                (state.activeDevices, state.inactiveDevices) = (0, 1)
                try await people.change(person, [.device(device, isActive: false)])
            case 4:
                (state.activeDevices, state.inactiveDevices) = (0, 0)
                try await people.change(person, [.deviceGone(device)])
            case 5:
                try await people.set(.random(until: nil, using: &random), of: person)
            case 6:
                let soon = Date.now + Double.random(in: 0.01...0.2, using: &random)
                try await people.set(.random(until: soon, using: &random), of: person)
            case 7:
                (state.meetings, state.activeDevices, state.inactiveDevices) = (0, 0, 0)
                try await bench.end([.meeting(meeting), .device(device, isActive: true)], of: person)
            default:
                try await bench.settleEnds()
            }
            states[person] = state
        }
        return states
    }
}

extension PeoplePropertyTests.Step {
    /// Whether nobody tells others of it.
    fileprivate var endsByItself: Bool { [.expiry, .crash, .halfLeave, .halfByHand].contains(self) }
}

extension ManualPresence {
    fileprivate static func random(until: Date?, using random: inout SeededGenerator) -> ManualPresence {
        ManualPresence(
            state: ManualState.allCases.randomElement(using: &random) ?? .busy,
            text: [nil, "Text"].randomElement(using: &random) ?? nil, until: until)
    }
}

extension Date {
    /// In whole seconds, as it is read back.
    fileprivate static var inAnHour: Date { Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded() + 3_600) }
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
