/// Accounts that were deleted, for services that keep something of theirs: answer of `GET /internal/removed-accounts?after=`.
public struct RemovedAccounts: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var account: AccountID
        public var organization: OrganizationID

        public init(account: AccountID, organization: OrganizationID) {
            self.account = account
            self.organization = organization
        }
    }

    /// In the order of their removal.
    public var items: [Item]
    /// What to ask for with `after` the next time.
    public var position: Int64
    /// Whether there are more already.
    public var hasMore: Bool

    public init(items: [Item], position: Int64, hasMore: Bool) {
        self.items = items
        self.position = position
        self.hasMore = hasMore
    }
}
