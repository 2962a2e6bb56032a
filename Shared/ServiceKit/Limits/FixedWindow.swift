import Foundation
import Redis

/// Counts events of one kind per key, for instance wrong PINs per room: so many within a window that begins with the first.
/// All processes count together, in Redis.
///
/// Everything throws `RedisError` while Redis is away. Uncaught, that is 503 for the client: a limit that can't be counted
/// lets nobody through.
public struct FixedWindow: Sendable {
    /// What the count says about one key.
    public struct Decision: Sendable, Hashable {
        /// Whether the event is within the limit.
        public let allowed: Bool
        /// How many more are allowed in this window.
        public let remaining: Int
        /// Time until the window ends; zero when none has begun.
        public let retryAfter: Duration
    }

    /// Counts and starts the window in one step, so that no key is left without an end.
    private static let countScript = RedisScript(
        """
        local count = redis.call('INCR', KEYS[1])
        local left = redis.call('PTTL', KEYS[1])
        if left < 0 then
            redis.call('PEXPIRE', KEYS[1], ARGV[1])
            left = tonumber(ARGV[1])
        end
        return {count, left}
        """)
    private static let lookScript = RedisScript(
        """
        return {tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])}
        """)

    private let redis: RedisClient
    private let prefix: String
    private let limit: Int
    private let window: Duration

    /// - Parameters:
    ///   - name: Tells kinds of events apart; letters and hyphens.
    ///   - limit: How many events a window allows.
    ///   - window: Its length, at least 1 ms.
    ///   - keyPrefix: Comes before every key in Redis.
    public init(redis: RedisClient, name: String, limit: Int, window: Duration, keyPrefix: String = "parley:") {
        self.redis = redis
        self.prefix = "\(keyPrefix)limit:\(name):"
        self.limit = limit
        self.window = window
    }

    /// Counts one event. The one after `limit` is the first that is not allowed.
    public func hit(_ key: String) async throws -> Decision {
        let milliseconds = max(1, window.wholeMilliseconds)
        let answer = try await redis.evaluate(
            Self.countScript, keys: [CounterKey.name(prefix, key)], arguments: [RedisArgument(milliseconds)])
        return try decision(answer, next: 0)
    }

    /// Whether one more event would be allowed, without counting it.
    public func peek(_ key: String) async throws -> Decision {
        try decision(
            try await redis.evaluate(Self.lookScript, keys: [CounterKey.name(prefix, key)], arguments: []), next: 1)
    }

    /// Forgets what was counted, for instance after the right PIN.
    public func reset(_ key: String) async throws {
        _ = try await redis.send("DEL", RedisArgument(CounterKey.name(prefix, key)))
    }

    private func decision(_ answer: RESPValue, next: Int) throws -> Decision {
        guard let values = answer.array, values.count == 2, let count = values[0].int, let left = values[1].int else {
            throw RedisError(.invalidReply, "a limit was answered with an odd value")
        }
        return Decision(
            allowed: count <= limit - next, remaining: max(0, limit - count), retryAfter: .milliseconds(max(0, left)))
    }
}
