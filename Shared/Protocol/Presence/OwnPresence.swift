import Foundation

/// What a person sets by hand. `available` is where everybody begins: devices and meetings decide.
public enum ManualState: String, Codable, CaseIterable, Sendable {
    case available
    case busy
    case doNotDisturb = "do_not_disturb"
    case absent
    /// Seen as offline, whatever else is.
    case invisible
}

/// Body of `PUT /api/presence/own`.
public struct ManualPresence: Codable, Hashable, Sendable {
    public var state: ManualState
    /// What colleagues read beside it: 1 to `Limits.presenceText` characters.
    public var text: String?
    /// When state and text end by themselves; at most a year from now.
    public var until: Date?

    public init(state: ManualState = .available, text: String? = nil, until: Date? = nil) {
        self.state = state
        self.text = text
        self.until = until
    }
}

/// Answer of `GET` and `PUT /api/presence/own`.
public struct OwnPresence: Codable, Hashable, Sendable {
    /// What was set by hand, as long as it has not ended.
    public var manual: ManualPresence
    /// What colleagues see.
    public var seen: SeenPresence

    public init(manual: ManualPresence, seen: SeenPresence) {
        self.manual = manual
        self.seen = seen
    }
}
