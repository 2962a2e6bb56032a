import Foundation

/// What colleagues see of a person.
public enum PresenceState: String, Codable, CaseIterable, Sendable {
    case available
    /// There, and not at the device for `Limits.inactivity` seconds.
    case inactive
    case busy
    case doNotDisturb = "do_not_disturb"
    case absent
    /// No device is there, or the person does not show their presence; nobody can tell which.
    case offline
}

public enum PresenceNote: String, Codable, CaseIterable, Sendable {
    case inMeeting = "in_meeting"
}

/// What is seen, whoever it is.
public struct SeenPresence: Codable, Hashable, Sendable {
    public var state: PresenceState
    public var note: PresenceNote?
    /// The person's own words.
    public var text: String?
    /// When the text, or a state that was set by hand, ends by itself.
    public var until: Date?

    /// Of who is not there, or shows nothing.
    public static let hidden = SeenPresence(state: .offline)
    /// Of who is in a meeting and has chosen nothing else.
    public static let inMeeting = SeenPresence(state: .busy, note: .inMeeting)

    public init(state: PresenceState, note: PresenceNote? = nil, text: String? = nil, until: Date? = nil) {
        self.state = state
        self.note = note
        self.text = text
        self.until = until
    }
}

/// One person's presence.
public struct PresenceView: Codable, Hashable, Sendable {
    public var account: AccountID
    public var state: PresenceState
    public var note: PresenceNote?
    public var text: String?
    public var until: Date?

    public init(account: AccountID, seen: SeenPresence) {
        self.account = account
        state = seen.state
        note = seen.note
        text = seen.text
        until = seen.until
    }
}

/// What is seen of people at one position of an organization's changes; answer of `GET /api/presence/colleagues`, and a message of the
/// stream.
public struct PresenceSnapshot: Codable, Hashable, Sendable {
    /// Which changes `seq` counts. Another one begins when what was seen is not known any more.
    public var epoch: String
    public var seq: Int
    /// Who is not among them is offline.
    public var items: [PresenceView]

    public init(epoch: String, seq: Int, items: [PresenceView]) {
        self.epoch = epoch
        self.seq = seq
        self.items = items
    }
}
