import Foundation

/// A person's presence with the names by which a telephone system knows them. Answer of `GET /api/presence/people/{account}`.
public struct NamedPresence: Codable, Hashable, Sendable {
    public var account: AccountID
    /// What the person signs in with.
    public var userName: String
    public var displayName: String
    public var state: PresenceState
    public var note: PresenceNote?
    public var text: String?
    public var until: Date?

    public init(account: AccountID, userName: String, displayName: String, seen: SeenPresence) {
        self.account = account
        self.userName = userName
        self.displayName = displayName
        state = seen.state
        note = seen.note
        text = seen.text
        until = seen.until
    }
}

/// `GET /api/presence/people`: everybody of the token's organization who is not offline.
public struct NamedPresenceSnapshot: Codable, Hashable, Sendable {
    /// Which log of changes, and the position in it that this holds at.
    public var epoch: String
    public var seq: Int
    /// By account.
    public var items: [NamedPresence]

    public init(epoch: String, seq: Int, items: [NamedPresence]) {
        self.epoch = epoch
        self.seq = seq
        self.items = items
    }
}
