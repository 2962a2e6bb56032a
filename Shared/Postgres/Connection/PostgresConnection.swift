import Synchronization

/// One connection to PostgreSQL with a thread of its own.
///
/// Its methods are synchronous: between two statements of one body nothing else can use the connection, and a transaction
/// can't wait for anything but the database.
public actor PostgresConnection {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let executor: ThreadExecutor
    private nonisolated let cancelHandle = Mutex<CancelHandle?>(nil)
    private let configuration: PostgresConfiguration
    private var session: LibPQSession?
    private var statements = StatementCache()

    private init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        executor = ThreadExecutor(name: "postgres")
    }

    deinit {
        executor.stop()
    }

    /// Opens a connection outside any pool.
    /// - Throws: `PostgresError` `.connection` or `.configuration`.
    public static func connect(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        let connection = PostgresConnection(configuration)
        try await connection.open()
        return connection
    }

    public func close() {
        cancelHandle.withLock { $0 = nil }
        session = nil
    }

    /// Asks the server to stop the statement that runs now; returns at once.
    public nonisolated func cancelStatement() {
        cancelHandle.withLock { $0 }?.cancel()
    }

    // MARK: Statements

    /// - Throws: `PostgresError`, or `CancellationError` when the task was cancelled.
    public func query(_ sql: SQL) throws -> [PostgresRow] {
        try run(sql).rows
    }

    /// The number of rows that were changed.
    /// - Throws: as `query`.
    @discardableResult
    public func execute(_ sql: SQL) throws -> Int {
        try run(sql).affected
    }

    /// Commits what `body` did, or rolls everything back when it throws.
    /// - Throws: what `body` throws; `PostgresError` `.transactionAborted` when it has swallowed an error of the server.
    @discardableResult
    public func transaction<T>(_ body: (isolated PostgresConnection) throws -> T) throws -> T {
        guard try open(session).isIdle else {
            throw PostgresError(.configuration, "A transaction can't begin within another.")
        }
        try run(script: "begin")
        do {
            let value = try body(self)
            let done = try run(script: "commit")
            guard done.tag == "COMMIT" else {
                throw PostgresError(.transactionAborted, "The transaction was rolled back.")
            }
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Runs statements without parameters, such as a migration.
    @discardableResult
    func run(script: String) throws -> StatementResult {
        let session = try open(session)
        try Task.checkCancellation()
        return try translate { () throws(PostgresError) in try session.run(script: script, deadline: deadline) }
    }

    private func run(_ sql: SQL) throws -> StatementResult {
        let session = try open(session)
        try Task.checkCancellation()
        let (text, values) = sql.compiled()
        let parameters = try EncodedParameters(values)
        return try translate { () throws(PostgresError) in
            let name = try prepare(text, session)
            do throws(PostgresError) {
                return try session.run(prepared: name, parameters: parameters, deadline: deadline)
            } catch {
                guard Self.isStale(error), session.isIdle else { throw error }
                statements.remove(text)
                return try session.run(
                    prepared: try prepare(text, session), parameters: parameters, deadline: deadline)
            }
        }
    }

    private func prepare(_ text: String, _ session: LibPQSession) throws(PostgresError) -> String {
        switch statements.look(up: text) {
        case .prepared(let name): return name
        case .missing(let name, let evicted):
            if let evicted { _ = try session.run(script: "deallocate \(evicted)", deadline: deadline) }
            try session.prepare(name: name, text: text, deadline: deadline)
            statements.insert(text, name: name)
            return name
        }
    }

    /// A migration has changed the result of a prepared statement, or the statement is gone from the server.
    private static func isStale(_ error: PostgresError) -> Bool {
        error.code == .sqlState("26000") || error.code == .sqlState("0A000")
    }

    /// A statement that was stopped because its task was cancelled is no timeout.
    private func translate<T>(_ body: () throws(PostgresError) -> T) throws -> T {
        do {
            return try body()
        } catch {
            guard error.code == .timeout, Task.isCancelled else { throw error }
            throw CancellationError()
        }
    }

    private func rollBack() {
        guard let session, session.canBeUsed, !session.isIdle else { return }
        // When even this fails, the connection is not idle, so that the pool closes it and the server rolls back.
        _ = try? session.run(script: "rollback", deadline: deadline)
    }

    /// The server's own limit comes first; this one is for a server that doesn't answer.
    private var deadline: ContinuousClock.Instant { .now + configuration.statementTimeout + .seconds(2) }

    private func open(_ session: LibPQSession?) throws(PostgresError) -> LibPQSession {
        guard let session else { throw PostgresError(.closed, "The connection is closed.") }
        return session
    }

    private func open() throws {
        let session = try LibPQSession(configuration)
        cancelHandle.withLock { $0 = session.makeCancelHandle() }
        self.session = session
    }

    // MARK: For the pool and the migrations

    enum Use<T: Sendable>: Sendable {
        /// The server had closed the connection while it was idle; `body` did not run.
        case stale
        case done(Result<T, any Error>, reusable: Bool)
    }

    func use<T: Sendable>(_ body: @Sendable (isolated PostgresConnection) throws -> T) -> Use<T> {
        guard let session, session.isAlive() else { return .stale }
        let result = Result { try body(self) }
        return .done(result, reusable: session.canBeUsed && session.isIdle)
    }

    var isInTransaction: Bool { session?.isInTransaction ?? false }
}
