import Foundation
import ParleyProtocol
import Testing

@testable import PresenceService

@Suite("What others see of a person")
struct PersonalStateTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// Every combination that the rules tell apart.
    private static let all: [PersonalState] = {
        var states: [PersonalState] = []
        for manual in ManualState.allCases {
            for text in [nil, "On holiday"] {
                for until in [nil, now - 1, now, now + 60] {
                    for inMeetings in PresenceInMeetings.allCases {
                        for isShown in [true, false] {
                            for (meetings, active, inactive) in counts {
                                states.append(
                                    PersonalState(
                                        manual: ManualPresence(state: manual, text: text, until: until),
                                        profile: PresenceProfile(inMeetings: inMeetings, isShown: isShown),
                                        meetings: meetings, activeDevices: active, inactiveDevices: inactive))
                            }
                        }
                    }
                }
            }
        }
        return states
    }()

    private static let counts: [(Int, Int, Int)] = [0, 1, 2].flatMap { meetings in
        [0, 1].flatMap { active in [0, 1].map { (meetings, active, $0) } }
    }

    private func seen(_ state: PersonalState) -> SeenPresence { state.seen(at: Self.now) }

    /// What was set by hand and has not ended.
    private func holding(_ state: PersonalState) -> ManualState {
        state.manual.isOver(at: Self.now) ? .available : state.manual.state
    }

    @Test("devices alone decide for who has set nothing")
    func devices() {
        #expect(seen(PersonalState()) == .hidden)
        #expect(seen(PersonalState(inactiveDevices: 1)).state == .inactive)
        #expect(seen(PersonalState(activeDevices: 1, inactiveDevices: 2)).state == .available)
    }

    @Test(
        "what was set by hand is seen without a meeting, with or without a device",
        arguments: [(ManualState.busy, PresenceState.busy), (.absent, .absent), (.doNotDisturb, .doNotDisturb)])
    func byHand(_ manual: ManualState, _ expected: PresenceState) {
        for devices in [0, 1] {
            let state = PersonalState(manual: ManualPresence(state: manual), activeDevices: devices)
            #expect(seen(state) == SeenPresence(state: expected))
        }
    }

    @Test("in a meeting somebody is busy, or not to be disturbed if they chose that, and then as before")
    func meeting() {
        var state = PersonalState(manual: ManualPresence(state: .absent, text: "Back at two", until: Self.now + 60))
        let before = seen(state)
        state.meetings = 2
        #expect(seen(state) == SeenPresence(state: .busy, note: .inMeeting, text: "Back at two", until: Self.now + 60))
        state.profile.inMeetings = .doNotDisturb
        #expect(seen(state).state == .doNotDisturb)
        state.meetings = 1
        #expect(seen(state).state == .doNotDisturb)
        state.meetings = 0
        #expect(seen(state) == before)
    }

    @Test("Do Not Disturb by hand is never overwritten")
    func doNotDisturb() {
        for state in Self.all where state.profile.isShown && holding(state) == .doNotDisturb {
            #expect(seen(state).state == .doNotDisturb, "\(state)")
        }
    }

    @Test("who is hidden tells nothing, not even that they are in a meeting")
    func hidden() {
        for state in Self.all where !state.profile.isShown || holding(state) == .invisible {
            #expect(seen(state) == .hidden, "\(state)")
        }
    }

    @Test("who is in a meeting is never seen as free, away or gone, and it is said why")
    func inMeeting() {
        for state in Self.all where state.profile.isShown && holding(state) != .invisible {
            let seen = seen(state)
            #expect((seen.note == .inMeeting) == (state.meetings > 0), "\(state)")
            if state.meetings > 0 { #expect([.busy, .doNotDisturb].contains(seen.state), "\(state)") }
        }
    }

    @Test("what was set by hand ends at its time, to the moment")
    func end() {
        for state in Self.all where state.manual.isOver(at: Self.now) {
            var without = state
            without.manual = ManualPresence()
            #expect(seen(state) == seen(without), "\(state)")
        }
    }

    @Test("an end is told only with what ends")
    func until() {
        for state in Self.all {
            let seen = seen(state)
            guard let until = seen.until else { continue }
            #expect(until > Self.now)
            #expect(seen.text != nil || seen.state.rawValue == state.manual.state.rawValue, "\(state)")
        }
    }

    @Test("another device, or another meeting, makes nobody less there")
    func more() {
        let presence: [PresenceState: Int] = [.offline: 0, .inactive: 1, .available: 2]
        for state in Self.all {
            var more = state
            more.activeDevices += 1
            if let before = presence[seen(state).state], let after = presence[seen(more).state] {
                #expect(after >= before, "\(state)")
            }
            guard state.meetings > 0 else { continue }
            more = state
            more.meetings += 1
            #expect(seen(more) == seen(state), "\(state)")
        }
    }
}
