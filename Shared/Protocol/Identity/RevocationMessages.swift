import Foundation

/// Which access tokens are worth nothing although their time is not over, and which sockets must end: answer of
/// `GET /internal/revocations?since=`.
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
    /// What to ask for with `since` the next time.
    public var now: Date

    public init(sessions: [SessionID], accounts: [AccountRevocation], now: Date) {
        self.sessions = sessions
        self.accounts = accounts
        self.now = now
    }
}
