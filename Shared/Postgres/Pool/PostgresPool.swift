import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// A bounded number of connections that callers share, first come, first served.
///
/// Connections are opened when they are needed, by `run()`: without it every caller waits in vain. A connection that broke,
/// or whose caller was cancelled, is closed and replaced.
public final class PostgresPool: Service, Sendable {
    typealias Waiter = CheckedContinuation<PostgresConnection, any Error>
    typealias State = PoolState<PostgresConnection, Waiter>

    public let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<State>
    private let lastID = Atomic<UInt64>(0)
    private let openRequests = AsyncStream.makeStream(of: Void.self)
    private let metrics = PoolMetrics()

    /// An idle connection is asked for a sign of life after this time.
    private static let checkAfter = Duration.seconds(30)
    /// An idle connection that is not the last one is closed after this time.
    private static let closeAfter = Duration.seconds(120)
    private static let upkeepPause = Duration.seconds(5)
    /// How long `run()` waits at its end for statements to finish, and then once more after it has stopped them.
    private static let closingGrace = Duration.seconds(3)

    public init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(State(maximum: configuration.maximumConnections, maximumWaiters: 1_000))
    }

    /// Keeps the connections until the task is cancelled or the service group shuts down.
    ///
    /// It never throws because the server is away: it tries again, and callers get errors in the meantime.
    public func run() async throws {
        perform(state.withLock { $0.start() })
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.keepUp() }
                for await _ in openRequests.stream {
                    group.addTask { await self.open() }
                }
                perform(state.withLock { $0.close() })
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.openRequests.continuation.finish()
        }
        await finish(patiently: !Task.isCancelled)
    }

    /// Runs a pool for as long as `body` runs: for commands and tests.
    public static func withPool<T: Sendable>(
        _ configuration: PostgresConfiguration, logger: Logger,
        _ body: @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        let pool = PostgresPool(configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            let result: Result<T, any Error>
            do { result = .success(try await body(pool)) } catch { result = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }

    // MARK: Statements

    /// - Throws: `PostgresError`; `CancellationError` when the task was cancelled.
    public func query(_ sql: SQL) async throws -> [PostgresRow] {
        try await withConnection { try $0.query(sql) }
    }

    /// The number of rows that were changed.
    /// - Throws: as `query`.
    @discardableResult
    public func execute(_ sql: SQL) async throws -> Int {
        try await withConnection { try $0.execute(sql) }
    }

    /// Commits what `body` did, or rolls everything back when it throws.
    /// - Throws: what `body` throws, or as `query`.
    @discardableResult
    public func transaction<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws -> T
    ) async throws -> T {
        try await withConnection { try $0.transaction(body) }
    }

    /// Lends a connection to `body`, which runs on the connection's thread.
    /// - Throws: what `body` throws, or as `query`.
    @discardableResult
    public func withConnection<T: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws -> T
    ) async throws -> T {
        let start = ContinuousClock.now
        while true {
            let connection = try await lease(deadline: start + configuration.waitLimit)
            metrics.waited(start.duration(to: .now))
            let use = await withTaskCancellationHandler {
                await connection.use(body)
            } onCancel: {
                connection.cancelStatement()
            }
            switch use {
            case .stale:
                giveBack(connection, reusable: false)
            case .done(let result, let reusable):
                // A late cancel could hit the next caller's statement.
                giveBack(connection, reusable: reusable && !Task.isCancelled)
                return try result.get()
            }
        }
    }

    /// Whether the server answers now.
    public func isReady() async -> Bool {
        do { return try await !query("select 1").isEmpty } catch { return false }
    }

    // MARK: Leases

    private func lease(deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        try Task.checkCancellation()
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let timer = Mutex<Task<Void, Never>?>(nil)
        defer { timer.withLock { $0?.cancel() } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                switch state.withLock({ $0.lease(id: id, waiter: waiter) }) {
                case .granted(let connection): waiter.resume(returning: connection)
                case .refused(let error): waiter.resume(throwing: error)
                case .waiting(let effects):
                    timer.withLock { $0 = Task { await self.giveUp(id, at: deadline) } }
                    perform(effects)
                    // The handler below may have run before the waiter was there.
                    if Task.isCancelled { abandon(id, CancellationError()) }
                }
                report()
            }
        } onCancel: {
            abandon(id, CancellationError())
        }
    }

    private func giveUp(_ id: UInt64, at deadline: ContinuousClock.Instant) async {
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
        abandon(id, nil)
    }

    private func abandon(_ id: UInt64, _ error: (any Error)?) {
        perform(state.withLock { $0.abandon(id: id, error: error) })
        report()
    }

    private func giveBack(_ connection: PostgresConnection, reusable: Bool) {
        perform(state.withLock { $0.giveBack(connection, reusable: reusable, now: .now) })
        report()
    }

    private func perform(_ effects: [State.Effect]) {
        for effect in effects {
            switch effect {
            case .grant(let waiter, let connection): waiter.resume(returning: connection)
            case .refuse(let waiter, let error): waiter.resume(throwing: error)
            case .close(let connection): Task { await connection.close() }
            case .open: openRequests.continuation.yield()
            }
        }
    }

    private func report() {
        let (leased, waiting) = state.withLock { ($0.leasedCount, $0.waitingCount) }
        metrics.report(inUse: leased, waiting: waiting)
    }

    // MARK: Connections

    private func open() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let connection = try await PostgresConnection.connect(configuration)
                perform(state.withLock { $0.opened(connection, now: .now) })
                report()
                return
            } catch {
                let failure = error as? PostgresError ?? PostgresError(.connection, "The database can't be reached.")
                metrics.connectFailed()
                logger.warning("Can't connect to PostgreSQL", metadata: ["error": "\(failure)"])
                guard state.withLock({ $0.openFailed(failure) }) else { return }
            }
            try? await Task.sleep(for: backoff.pause())
        }
        state.withLock { $0.openAbandoned() }
    }

    private func keepUp() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.upkeepPause)
            let stale = state.withLock {
                $0.takeStale(now: .now, checkAfter: Self.checkAfter, closeAfter: Self.closeAfter)
            }
            for connection in stale.close { await connection.close() }
            for connection in stale.check { await check(connection) }
        }
    }

    private func check(_ connection: PostgresConnection) async {
        switch await connection.use({ try $0.query("select 1").count }) {
        case .stale, .done(.failure, _): giveBack(connection, reusable: false)
        case .done(.success, let reusable): giveBack(connection, reusable: reusable)
        }
    }

    /// Lets statements end, then stops them. Shielded from the cancellation of `run()`, so that sleeping works.
    private func finish(patiently: Bool) async {
        await Task {
            if patiently { await waitForLeases() }
            for connection in state.withLock({ $0.leasedConnections }) { connection.cancelStatement() }
            await waitForLeases()
        }.value
    }

    private func waitForLeases() async {
        let deadline = ContinuousClock.now + Self.closingGrace
        while state.withLock({ $0.leasedCount }) > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
