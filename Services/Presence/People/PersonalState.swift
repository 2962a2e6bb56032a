import Foundation
import ParleyProtocol

/// Everything that decides what others see of one person.
struct PersonalState: Hashable, Sendable {
    /// What they set by hand.
    var manual = ManualPresence()
    /// What they chose in their profile.
    var profile = PresenceProfile()
    /// How many meetings they are in.
    var meetings = 0
    /// How many of their devices they use.
    var activeDevices = 0
    /// How many of their devices are there and not used.
    var inactiveDevices = 0
}

/// A person's choices that concern presence, as identity keeps them.
struct PresenceProfile: Codable, Hashable, Sendable {
    var inMeetings: PresenceInMeetings = .busy
    /// Whether colleagues see this person's presence at all.
    var isShown = true
}

extension PersonalState {
    /// What others see at a time, after which what was set by hand may have ended.
    func seen(at now: Date) -> SeenPresence {
        var state = self
        if manual.isOver(at: now) { state.manual = ManualPresence() }
        return state.seen
    }

    /// What others see, without knowing more than this, as long as what was set by hand holds. The first line that holds decides:
    ///
    /// 1. Who shows their presence to nobody is offline.
    /// 2. Invisible, by hand: offline.
    /// 3. Do Not Disturb, by hand: that, in a meeting too.
    /// 4. In a meeting: busy, or Do Not Disturb for who chose that for meetings.
    /// 5. Busy or absent, by hand: that, with or without a device.
    /// 6. No device: offline.
    /// 7. No device that is used: inactive.
    /// 8. Available.
    ///
    /// Nothing here writes back what was set by hand, so it is seen again when the meeting ends. The text is seen unless the
    /// person is hidden; the end of what was set by hand is seen together with it.
    var seen: SeenPresence {
        guard profile.isShown, manual.state != .invisible else { return .hidden }
        let isInMeeting = meetings > 0
        let state: PresenceState =
            if manual.state == .doNotDisturb {
                .doNotDisturb
            } else if isInMeeting {
                profile.inMeetings == .doNotDisturb ? .doNotDisturb : .busy
            } else if let chosen = manual.state.lasting {
                chosen
            } else if activeDevices > 0 {
                .available
            } else if inactiveDevices > 0 {
                .inactive
            } else {
                .offline
            }
        return SeenPresence(
            state: state, note: isInMeeting ? .inMeeting : nil, text: manual.text,
            until: manual.text != nil || manual.state.lasting == state ? manual.until : nil)
    }
}

extension ManualPresence {
    func isOver(at now: Date) -> Bool {
        guard let until else { return false }
        return until <= now
    }
}

extension ManualState {
    /// What holds without a device too.
    fileprivate var lasting: PresenceState? {
        switch self {
        case .busy: .busy
        case .absent: .absent
        case .doNotDisturb: .doNotDisturb
        case .available, .invisible: nil
        }
    }
}
