import Foundation

extension Subject {
    public enum ReadToken: Sendable {}
}

/// A UUID in lower case; it names a token without giving access to anything.
public typealias ReadTokenID = Identifier<Subject.ReadToken>

/// Body of `POST /api/presence/read-tokens`.
public struct ReadTokenDraft: Codable, Hashable, Sendable {
    /// What it is for: `Limits.readTokenName` characters.
    public var name: String

    public init(name: String) {
        self.name = name
    }
}

/// Answer of `POST /api/presence/read-tokens`: the only time that the token is shown.
public struct CreatedReadToken: Codable, Hashable, Sendable {
    public var id: ReadTokenID
    public var name: String
    /// `parley_pr_` and 43 characters of base64url.
    public var token: String
    public var createdAt: Date

    public init(id: ReadTokenID, name: String, token: String, createdAt: Date) {
        self.id = id
        self.name = name
        self.token = token
        self.createdAt = createdAt
    }
}

/// `GET /api/presence/read-tokens`: those of one's own organization, the oldest first.
public struct ReadTokenList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: ReadTokenID
        public var name: String
        public var createdAt: Date
        public var createdBy: AccountID
        /// To the minute; absent when it was never used.
        public var lastUsedAt: Date?

        public init(id: ReadTokenID, name: String, createdAt: Date, createdBy: AccountID, lastUsedAt: Date? = nil) {
            self.id = id
            self.name = name
            self.createdAt = createdAt
            self.createdBy = createdBy
            self.lastUsedAt = lastUsedAt
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }
}
