import DequeModule

/// Who has which connection and who waits: the pool's rules without its I/O. Every event answers with what is to be done.
struct PoolState<Connection: AnyObject & Sendable, Waiter: Sendable> {
    enum Phase: Equatable {
        case notStarted, running, closing
    }

    enum Effect {
        case grant(Waiter, Connection)
        case refuse(Waiter, any Error)
        case close(Connection)
        /// Open one connection, and answer with `opened` or `openFailed`.
        case open
    }

    enum Lease {
        case granted(Connection)
        case waiting([Effect])
        case refused(PostgresError)
    }

    private struct Idle {
        var connection: Connection
        var since: ContinuousClock.Instant
    }

    let maximum: Int
    /// More callers than this don't wait: they are refused at once.
    let maximumWaiters: Int
    private(set) var phase = Phase.notStarted
    private(set) var opening = 0
    /// The most recently used stands last and is taken first.
    private var idle: [Idle] = []
    private var leased: [ObjectIdentifier: Connection] = [:]
    private var waiters: Deque<(id: UInt64, waiter: Waiter)> = []
    private var lastFailure: PostgresError?

    init(maximum: Int, maximumWaiters: Int) {
        self.maximum = maximum
        self.maximumWaiters = maximumWaiters
    }

    var leasedCount: Int { leased.count }
    var waitingCount: Int { waiters.count }
    var idleCount: Int { idle.count }
    var leasedConnections: [Connection] { Array(leased.values) }
    private var total: Int { idle.count + leased.count + opening }

    // MARK: Callers

    mutating func lease(id: UInt64, waiter: Waiter) -> Lease {
        guard phase != .closing else { return .refused(.poolClosed) }
        if let newest = idle.popLast() {
            leased[ObjectIdentifier(newest.connection)] = newest.connection
            return .granted(newest.connection)
        }
        guard waiters.count < maximumWaiters else {
            return .refused(PostgresError(.poolExhausted, "Too many callers wait for the database."))
        }
        waiters.append((id, waiter))
        return .waiting(openMore())
    }

    /// Takes a caller out of the queue, because it has waited long enough or was cancelled.
    /// - Parameter error: What it is told; `nil` says why there was no connection.
    mutating func abandon(id: UInt64, error: (any Error)? = nil) -> [Effect] {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return [] }
        let waiter = waiters.remove(at: index).waiter
        let exhausted = PostgresError(.poolExhausted, "No database connection became free in time.")
        return [.refuse(waiter, error ?? lastFailure ?? exhausted)]
    }

    mutating func giveBack(_ connection: Connection, reusable: Bool, now: ContinuousClock.Instant) -> [Effect] {
        guard leased.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return [] }
        guard reusable, phase == .running else { return [.close(connection)] + openMore() }
        return place(connection, now: now)
    }

    // MARK: Opening

    mutating func start() -> [Effect] {
        guard phase == .notStarted else { return [] }
        phase = .running
        return openMore()
    }

    mutating func opened(_ connection: Connection, now: ContinuousClock.Instant) -> [Effect] {
        opening -= 1
        lastFailure = nil
        guard phase == .running else { return [.close(connection)] }
        return place(connection, now: now) + openMore()
    }

    /// Whether whoever tried is to try again: while the server is away, one attempt at a time is enough.
    mutating func openFailed(_ error: PostgresError) -> Bool {
        lastFailure = error
        if phase == .running, opening == 1, idle.isEmpty { return true }
        opening -= 1
        return false
    }

    /// The attempt was cancelled.
    mutating func openAbandoned() {
        opening -= 1
    }

    // MARK: Upkeep and end

    /// Connections that were idle too long: the first list is leased to the caller for a check, the second is closed.
    mutating func takeStale(
        now: ContinuousClock.Instant, checkAfter: Duration, closeAfter: Duration
    ) -> (check: [Connection], close: [Connection]) {
        var check: [Connection] = []
        var close: [Connection] = []
        var kept: [Idle] = []
        for (position, entry) in idle.enumerated() {
            let age = entry.since.duration(to: now)
            if age >= closeAfter, position < idle.count - 1 {
                close.append(entry.connection)
            } else if age >= checkAfter {
                leased[ObjectIdentifier(entry.connection)] = entry.connection
                check.append(entry.connection)
            } else {
                kept.append(entry)
            }
        }
        idle = kept
        return (check, close)
    }

    /// Refuses everybody who waits, and closes what is idle. Leased connections are closed when they come back.
    mutating func close() -> [Effect] {
        phase = .closing
        let effects =
            waiters.map { Effect.refuse($0.waiter, PostgresError.poolClosed) } + idle.map { .close($0.connection) }
        waiters = []
        idle = []
        return effects
    }

    private mutating func place(_ connection: Connection, now: ContinuousClock.Instant) -> [Effect] {
        guard let first = waiters.popFirst() else {
            idle.append(Idle(connection: connection, since: now))
            return []
        }
        leased[ObjectIdentifier(connection)] = connection
        return [.grant(first.waiter, connection)]
    }

    /// One connection for each caller who waits, and one in any case.
    private mutating func openMore() -> [Effect] {
        guard phase == .running else { return [] }
        var effects: [Effect] = []
        while total < maximum, opening < waiters.count || total == 0 {
            opening += 1
            effects.append(.open)
        }
        return effects
    }
}

extension PostgresError {
    static var poolClosed: PostgresError { PostgresError(.closed, "The database connections are being closed.") }
}
