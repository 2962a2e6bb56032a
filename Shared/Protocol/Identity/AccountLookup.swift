/// `POST /internal/organizations/{organizationId}/accounts` at identity: who these accounts are. Those that are not there, are disabled
/// or belong to another organization are left out of the answer.
public struct AccountQuery: Codable, Hashable, Sendable {
    /// 100 at most.
    public var accounts: [AccountID]

    public init(accounts: [AccountID]) {
        self.accounts = accounts
    }
}

public struct AccountCards: Codable, Hashable, Sendable {
    public struct Card: Codable, Hashable, Sendable {
        public var account: AccountID
        /// Absent when the previous release answers.
        public var userName: String?
        public var displayName: String
        public var email: String?
        /// The person's own, or the organization's default: `de` or `en`.
        public var language: String

        public init(
            account: AccountID, userName: String? = nil, displayName: String, email: String?, language: String
        ) {
            self.account = account
            self.userName = userName
            self.displayName = displayName
            self.email = email
            self.language = language
        }
    }

    public var accounts: [Card]

    public init(accounts: [Card]) {
        self.accounts = accounts
    }
}

/// `GET /internal/organizations?after=` at identity: what other services must know of organizations.
public struct OrganizationStates: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var organization: OrganizationID
        public var disabled: Bool
        /// Whether a list of who was in a meeting may be kept for the room's owner.
        public var attendance: Bool

        public init(organization: OrganizationID, disabled: Bool, attendance: Bool) {
            self.organization = organization
            self.disabled = disabled
            self.attendance = attendance
        }
    }

    /// One page, by id.
    public var items: [Item]
    /// What to ask for with `after` to get the next page; absent on the last one.
    public var next: OrganizationID?

    public init(items: [Item], next: OrganizationID? = nil) {
        self.items = items
        self.next = next
    }
}
