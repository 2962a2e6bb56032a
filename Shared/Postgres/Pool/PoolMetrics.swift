import Metrics

/// What an operator sees of the pool: is the database the bottleneck, and can it be reached?
struct PoolMetrics: Sendable {
    private let inUse = Gauge(label: "pg_pool_in_use")
    private let waiting = Gauge(label: "pg_pool_waiting")
    /// `pg_wait_seconds`.
    private let wait = Timer(label: "pg_wait")
    private let connectFailures = Counter(label: "pg_connect_failures")

    func report(inUse: Int, waiting: Int) {
        self.inUse.record(inUse)
        self.waiting.record(waiting)
    }

    func waited(_ duration: Duration) {
        wait.record(duration: duration)
    }

    func connectFailed() {
        connectFailures.increment()
    }
}
