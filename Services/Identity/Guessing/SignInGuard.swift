import Redis
import ServiceKit

/// Slows guessing down, whichever instance is asked. Without Redis nobody is let through.
///
/// Where the account has been used before, only what is tried there counts, so that strangers lock nobody out of their own
/// browser. Everywhere else three counts must allow an attempt: of the account at this source, of the account at all
/// unknown places, and of the source's failures at all accounts.
struct SignInGuard: Sendable {
    struct Rules: Sendable {
        var device = GrowingDelay.Rules(
            free: 10, first: .seconds(1), longest: .seconds(15 * 60), most: 100, memory: .seconds(30 * 24 * 60 * 60))
        var pair = GrowingDelay.Rules(
            free: 5, first: .seconds(1), longest: .seconds(60 * 60), memory: .seconds(24 * 60 * 60))
        /// NIST SP 800-63B-4, 3.2.2: at most 100 attempts in a row, whatever the time.
        var account = GrowingDelay.Rules(
            free: 20, first: .seconds(1), longest: .seconds(5 * 60), most: 100, memory: .seconds(30 * 24 * 60 * 60))
        /// Only failures count: a whole office may come from one address and sign in at nine o'clock.
        var failuresPerSource = 60
        /// While a directory is away nobody knows whose password is right: all of an office fails then.
        var unsurePerSource = 300
        var sourceWindow = Duration.seconds(15 * 60)
    }

    /// One who wants to try.
    struct Place: Hashable, Sendable {
        /// One key for every spelling of an account, known or not.
        var account: String
        /// The address, as limits count.
        var source: String
        /// The browser, when the account was used there before.
        var device: KnownDevice?
    }

    /// Too many attempts; the next one makes sense after `retryAfter`.
    struct TooMany: Error {
        var retryAfter: Duration
    }

    private let devices: GrowingDelay
    private let pairs: GrowingDelay
    private let accounts: GrowingDelay
    private let sources: FixedWindow
    private let unsure: FixedWindow

    init(redis: RedisClient, keyPrefix: String, rules: Rules = Rules()) {
        devices = GrowingDelay(redis: redis, name: "sign-in-device", rules: rules.device, keyPrefix: keyPrefix)
        pairs = GrowingDelay(redis: redis, name: "sign-in-pair", rules: rules.pair, keyPrefix: keyPrefix)
        accounts = GrowingDelay(redis: redis, name: "sign-in-account", rules: rules.account, keyPrefix: keyPrefix)
        sources = FixedWindow(
            redis: redis, name: "sign-in-source", limit: rules.failuresPerSource, window: rules.sourceWindow,
            keyPrefix: keyPrefix)
        unsure = FixedWindow(
            redis: redis, name: "sign-in-unsure", limit: rules.unsurePerSource, window: rules.sourceWindow,
            keyPrefix: keyPrefix)
    }

    /// Counts an attempt. Unknown accounts and organizations are counted as known ones are, so that the limits tell nothing
    /// about them.
    /// - Throws: `TooMany`, or Redis' error.
    func admit(_ place: Place) async throws {
        if let device = place.device {
            try Self.check(try await devices.attempt(Self.key(place.account, device.key)))
            return
        }
        for window in [sources, unsure] {
            let before = try await window.peek(place.source)
            guard before.allowed else { throw TooMany(retryAfter: before.retryAfter) }
        }
        // A source that must wait does not use up what the account allows to others.
        try Self.check(try await pairs.attempt(Self.key(place.account, place.source)))
        try Self.check(try await accounts.attempt(place.account))
    }

    /// - Parameter isUnsure: whether the password may have been right for a directory that is away.
    func failed(_ place: Place, isUnsure: Bool = false) async throws {
        guard place.device == nil else { return }
        _ = try await (isUnsure ? unsure : sources).hit(place.source)
    }

    func succeeded(_ place: Place) async throws {
        if let device = place.device { return try await devices.reset(Self.key(place.account, device.key)) }
        try await pairs.reset(Self.key(place.account, place.source))
        try await accounts.reset(place.account)
    }

    /// One key for every spelling of an account, known or not.
    /// - Parameter generation: of its password. What was guessed about another one counts no more.
    static func accountKey(organization: String, userName: String, generation: Int) -> String {
        "\(organization.utf8.count):\(organization):\(generation):\(userName)"
    }

    private static func check(_ decision: GrowingDelay.Decision) throws {
        if let retryAfter = decision.retryAfter { throw TooMany(retryAfter: retryAfter) }
    }

    /// No source and no device has a space in it.
    private static func key(_ account: String, _ place: String) -> String {
        "\(place) \(account)"
    }
}
