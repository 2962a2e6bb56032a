import Redis
import ServiceKit

/// Slows guessing down, whichever instance is asked: by account, and by where the guesses come from. Without Redis nobody
/// is let through.
struct SignInGuard: Sendable {
    static let window = Duration.seconds(15 * 60)
    static let attemptsPerAccount = 20
    static let failuresPerSource = 60

    /// Too many attempts; `retryAfter` is the rest of the window.
    struct TooMany: Error {
        var retryAfter: Duration
    }

    /// Every attempt counts, until one succeeds.
    private let accounts: FixedWindow
    /// Only failures count: a whole office may come from one address and sign in at nine o'clock.
    private let sources: FixedWindow

    init(redis: RedisClient, keyPrefix: String) {
        accounts = FixedWindow(
            redis: redis, name: "sign-in-account", limit: Self.attemptsPerAccount, window: Self.window,
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
        let hit = try await accounts.hit(account)
        guard hit.allowed else {
            _ = try await sources.hit(source)
            throw TooMany(retryAfter: hit.retryAfter)
        }
    }

    func failed(source: String) async throws {
        _ = try await sources.hit(source)
    }

    func succeeded(account: String) async throws {
        try await accounts.reset(account)
    }

    /// One key for every spelling of an account, known or not.
    static func accountKey(organization: String, userName: String) -> String {
        "\(organization.utf8.count):\(organization):\(userName)"
    }
}
