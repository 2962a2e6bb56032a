/// Limits how often something may happen in this process: `rate` times a second in the long run, `burst` times at once.
public struct TokenBucket: Sendable {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant

    public init(rate: Double, burst: Double, now: ContinuousClock.Instant = .now) {
        self.rate = rate
        self.burst = burst
        tokens = burst
        filledAt = now
    }

    /// Whether it may happen now.
    public mutating func take(now: ContinuousClock.Instant = .now) -> Bool {
        tokens = min(burst, tokens + max(0, (now - filledAt) / .seconds(1)) * rate)
        filledAt = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
