import NIOCore

/// How long to wait before connecting again: doubling, with jitter, so that many clients do not come at once.
struct RedisBackoff {
    /// So short that a restart of Redis costs less than two seconds, as long as one connection attempt a second is no load.
    static let longest = TimeAmount.milliseconds(1_000)
    static let shortest = TimeAmount.milliseconds(50)

    private var attempts = 0

    /// From half of the full delay to all of it.
    mutating func next() -> TimeAmount {
        let full = min(Self.longest.nanoseconds, Self.shortest.nanoseconds << min(attempts, 10))
        attempts += 1
        return .nanoseconds(Int64.random(in: (full / 2)...full))
    }

    mutating func reset() {
        attempts = 0
    }
}
