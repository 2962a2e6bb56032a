/// Growing pauses between attempts, with jitter, so that all services don't come back at the same moment.
struct Backoff {
    private var next: Duration
    private let maximum: Duration

    init(first: Duration = .milliseconds(50), maximum: Duration = .seconds(3)) {
        next = first
        self.maximum = maximum
    }

    /// Between half of the pause and all of it.
    mutating func pause() -> Duration {
        let pause = next
        next = min(maximum, next * 2)
        return pause * Double.random(in: 0.5...1)
    }
}
