import Foundation
import Redis

/// Slows down who tries again and again, for instance at a password: after some free attempts each one doubles the time until
/// the next, and after too many there is none for as long as they are remembered. All processes count together, in Redis.
///
/// Every attempt counts when it begins, so that many at once are many. Everything throws `RedisError` while Redis is away.
public struct GrowingDelay: Sendable {
    public struct Rules: Hashable, Sendable {
        /// Attempts without delay.
        public var free: Int
        /// After the first that is not free.
        public var first: Duration
        public var longest: Duration
        /// After how many there are no more; nothing for no end.
        public var most: Int?
        /// After so much time without an attempt all are forgotten.
        public var memory: Duration

        public init(free: Int, first: Duration, longest: Duration, most: Int? = nil, memory: Duration) {
            self.free = free
            self.first = first
            self.longest = longest
            self.most = most
            self.memory = memory
        }
    }

    /// `retryAfter` is nothing when the attempt may be made.
    public struct Decision: Hashable, Sendable {
        public let retryAfter: Duration?
    }

    /// The hash holds the number of attempts and, in milliseconds of Redis' clock, when the next is allowed.
    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        local free, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local most, memory = tonumber(ARGV[4]), tonumber(ARGV[5])
        local count = tonumber(redis.call('HGET', KEYS[1], 'count') or '0')
        local next = tonumber(redis.call('HGET', KEYS[1], 'next') or '0')
        if most > 0 and count >= most then return redis.call('PTTL', KEYS[1]) end
        if now < next then return next - now end
        count = count + 1
        next = 0
        if count > free then next = now + math.min(longest, first * 2 ^ math.min(40, count - free - 1)) end
        redis.call('HSET', KEYS[1], 'count', count, 'next', string.format('%.0f', next))
        redis.call('PEXPIRE', KEYS[1], memory)
        return 0
        """)

    private let redis: RedisClient
    private let prefix: String
    private let rules: Rules

    /// - Parameters:
    ///   - name: Tells kinds of attempts apart; letters and hyphens.
    ///   - keyPrefix: Comes before every key in Redis.
    public init(redis: RedisClient, name: String, rules: Rules, keyPrefix: String = "parley:") {
        self.redis = redis
        self.rules = rules
        prefix = "\(keyPrefix)delay:\(name):"
    }

    /// Counts an attempt that may be made. One that comes too early is not counted.
    public func attempt(_ key: String) async throws -> Decision {
        let answer = try await redis.evaluate(
            Self.script, keys: [CounterKey.name(prefix, key)],
            arguments: [
                RedisArgument(rules.free), RedisArgument(rules.first.wholeMilliseconds),
                RedisArgument(rules.longest.wholeMilliseconds), RedisArgument(rules.most ?? 0),
                RedisArgument(max(1, rules.memory.wholeMilliseconds)),
            ])
        guard let left = answer.int else {
            throw RedisError(.invalidReply, "a delay was answered with an odd value")
        }
        return Decision(retryAfter: left > 0 ? .milliseconds(left) : nil)
    }

    /// Forgets all attempts, after one that succeeded.
    public func reset(_ key: String) async throws {
        _ = try await redis.send("DEL", RedisArgument(CounterKey.name(prefix, key)))
    }
}
