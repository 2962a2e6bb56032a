import Crypto
import ParleyProtocol
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
    let accounts: FixedWindow
    /// Only failures count: a whole office may come from one address and sign in at nine o'clock.
    let sources: FixedWindow

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

    /// Names an account in Redis without telling who it is; its length is bounded.
    static func accountKey(organization: String, userName: String) -> String {
        let text = "\(organization.utf8.count):\(organization)\(userName)"
        return Array(SHA256.hash(data: Array(text.utf8)).prefix(16)).base64URL
    }
}
