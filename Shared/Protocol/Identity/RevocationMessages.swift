import Foundation

/// Which access tokens are worth nothing although their time is not over, and which sockets must end: answer of
/// `GET /internal/revocations?since=&cursor=`.
public struct RevocationList: Codable, Hashable, Sendable {
    public struct AccountRevocation: Codable, Hashable, Sendable {
        public var account: AccountID
        /// Tokens of an earlier one are worth nothing; see `AccessClaims.generation`.
        public var generation: Int

        public init(account: AccountID, generation: Int) {
            self.account = account
            self.generation = generation
        }
    }

    /// Sessions that have ended before their time.
    public var sessions: [SessionID]
    /// Accounts whose permissions have changed.
    public var accounts: [AccountRevocation]
    /// What to ask for with `since` the next time, when all pages of this answer are read.
    public var now: Date
    /// Of the next page, with the same `since`; nothing on the last one.
    public var nextCursor: String?

    public init(sessions: [SessionID], accounts: [AccountRevocation], now: Date, nextCursor: String? = nil) {
        self.sessions = sessions
        self.accounts = accounts
        self.now = now
        self.nextCursor = nextCursor
    }
}
