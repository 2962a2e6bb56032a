/// What people chose about their presence, for presence: answer of `GET /internal/presence-profiles?after=`. Who is never told of has
/// the usual choices: busy in meetings, and shown.
public struct PresenceProfiles: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var account: AccountID
        public var organization: OrganizationID
        public var inMeetings: PresenceInMeetings
        /// Whether colleagues see this person's presence at all; never while the account is disabled.
        public var isShown: Bool

        public init(
            account: AccountID, organization: OrganizationID, inMeetings: PresenceInMeetings, isShown: Bool
        ) {
            self.account = account
            self.organization = organization
            self.inMeetings = inMeetings
            self.isShown = isShown
        }
    }

    /// In the order of their last change; each account once, as it is now. Deleted accounts are not among them.
    public var items: [Item]
    /// What to ask for with `after` the next time; 0 in the beginning.
    public var position: Int64
    /// Whether there are more already.
    public var hasMore: Bool

    public init(items: [Item], position: Int64, hasMore: Bool) {
        self.items = items
        self.position = position
        self.hasMore = hasMore
    }
}
