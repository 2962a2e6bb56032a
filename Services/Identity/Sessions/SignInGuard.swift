import Redis
import ServiceKit

/// Slows guessing down, whichever instance is asked: by account and source, by account, and by source. Without Redis nobody
/// is let through.
///
/// The narrow limit holds for an account from one source, so that a stranger does not lock its owner out; the wide one holds
/// against guesses at an account from many sources.
struct SignInGuard: Sendable {
    /// Of the limits that look at the source.
    static let window = Duration.seconds(15 * 60)
    /// At one account from one source.
    static let attemptsPerAccountAndSource = 20
    static let failuresPerSource = 60
    /// At one account from all sources together, within `accountWindow`.
    static let attemptsPerAccount = 100
    static let accountWindow = Duration.seconds(60 * 60)

    /// Too many attempts; `retryAfter` is the rest of the window.
    struct TooMany: Error {
        var retryAfter: Duration
    }

    /// Every attempt counts, until one succeeds.
    private let pairs: FixedWindow
    /// Every attempt that `pairs` lets through counts, until one succeeds.
    private let accounts: FixedWindow
    /// Only failures count: a whole office may come from one address and sign in at nine o'clock.
    private let sources: FixedWindow

    init(redis: RedisClient, keyPrefix: String) {
        pairs = FixedWindow(
            redis: redis, name: "sign-in-account-source", limit: Self.attemptsPerAccountAndSource, window: Self.window,
            keyPrefix: keyPrefix)
        accounts = FixedWindow(
            redis: redis, name: "sign-in-account", limit: Self.attemptsPerAccount, window: Self.accountWindow,
            keyPrefix: keyPrefix)
        sources = FixedWindow(
            redis: redis, name: "sign-in-source", limit: Self.failuresPerSource, window: Self.window,
            keyPrefix: keyPrefix)
    }

    /// Unknown accounts and organizations are counted as known ones are, so that the limit tells nothing about them.
    /// - Throws: `TooMany`, or Redis' error.
    func admit(account: String, source: String) async throws {
        let before = try await sources.peek(source)
        guard before.allowed else { throw TooMany(retryAfter: before.retryAfter) }
        // A source that is locked does not use up what the account allows to others.
        for (window, key) in [(pairs, Self.pairKey(account, source)), (accounts, account)] {
            let hit = try await window.hit(key)
            guard hit.allowed else {
                _ = try await sources.hit(source)
                throw TooMany(retryAfter: hit.retryAfter)
            }
        }
    }

    func failed(source: String) async throws {
        _ = try await sources.hit(source)
    }

    func succeeded(account: String, source: String) async throws {
        try await pairs.reset(Self.pairKey(account, source))
        try await accounts.reset(account)
    }

    /// One key for every spelling of an account, known or not.
    static func accountKey(organization: String, userName: String) -> String {
        "\(organization.utf8.count):\(organization):\(userName)"
    }

    /// No source has a space in it.
    private static func pairKey(_ account: String, _ source: String) -> String {
        "\(source) \(account)"
    }
}
