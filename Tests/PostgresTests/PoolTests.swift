import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Postgres

@Suite("Pool", .timeLimit(.minutes(1)))
struct PoolTests {
    @Test("never more connections than allowed, and everybody is served in the end")
    func bound() async throws {
        try await TestDatabase.withPool(maximumConnections: 3) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<60 {
                    group.addTask { _ = try await pool.query("select pg_sleep(0.01)") }
                }
                try await group.waitForAll()
            }
            let rows = try await pool.query(
                "select count(*) as n from pg_stat_activity where datname = current_database()")
            #expect(try #require(rows.first).decode("n", as: Int.self) <= 3)
        }
    }

    @Test("whoever waits longer than the limit is told so")
    func waitLimit() async throws {
        try await TestDatabase.withDatabase { database in
            var configuration = database.configuration()
            configuration.maximumConnections = 1
            configuration.waitLimit = .milliseconds(100)
            try await PostgresPool.withPool(configuration, logger: Logger(label: "test")) { pool in
                try await eventually("the pool is up") { await pool.isReady() ? nil : "not ready" }
                async let slow = pool.query("select pg_sleep(1)")
                try await Task.sleep(for: .milliseconds(100))
                #expect(await failure { try await pool.query("select 1") }?.code == .poolExhausted)
                _ = try await slow
                #expect(await pool.isReady())
            }
        }
    }

    @Test("a caller who is cancelled while it waits leaves the queue")
    func cancelledWaiter() async throws {
        try await TestDatabase.withPool(maximumConnections: 1) { pool in
            async let slow = pool.query("select pg_sleep(0.5)")
            try await Task.sleep(for: .milliseconds(100))
            let waiters = (0..<20).map { _ in Task { try await pool.query("select 1") } }
            for waiter in waiters { waiter.cancel() }
            for waiter in waiters { await #expect(throws: CancellationError.self) { try await waiter.value } }
            _ = try await slow
            #expect(try await pool.query("select 1").count == 1)
        }
    }

    @Test("statements that take long hold up no other task")
    func otherTasks() async throws {
        // More blocked callers than the machine has cores: were they on the shared threads, nobody else would run.
        let callers = 8
        try await TestDatabase.withPool(maximumConnections: callers + 1) { pool in
            let slow = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<callers { group.addTask { _ = try await pool.query("select pg_sleep(4)") } }
                    try await group.waitForAll()
                }
            }
            try await eventually("all statements run") {
                let count = try await sleeping(pool)
                return count == callers ? nil : "\(count) run"
            }
            await withDiscardingTaskGroup { group in
                for _ in 0..<100 { group.addTask { await Task.yield() } }
            }
            #expect(try await sleeping(pool) == callers)
            slow.cancel()
            await #expect(throws: CancellationError.self) { try await slow.value }
        }
    }

    private func sleeping(_ pool: PostgresPool) async throws -> Int {
        let rows = try await pool.query(
            """
            select count(*) as n from pg_stat_activity
            where datname = current_database() and state = 'active' and query = 'select pg_sleep(4)'
            """)
        return try rows.first?.decode("n") ?? 0
    }

    @Test("a session that the server has ended is replaced before anybody notices")
    func terminated() async throws {
        try await TestDatabase.withPool(maximumConnections: 2) { pool in
            let first = try #require(try await backend(pool))
            let other = try await PostgresConnection.connect(pool.configuration)
            try await other.execute("select pg_terminate_backend(\(first)::int, 5000)")
            await other.close()
            #expect(try await backend(pool) != first)
        }
    }

    @Test("a session that ends within a transaction is an error of the connection, and nothing is kept")
    func terminatedWithin() async throws {
        try await TestDatabase.withPool(maximumConnections: 2) { pool in
            try await pool.execute("create table t (v int)")
            let error = await failure {
                try await pool.transaction { connection in
                    try connection.execute("insert into t values (1)")
                    try connection.execute("select pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error?.code == .connection)
            #expect(try await pool.query("select v from t").isEmpty)
        }
    }

    @Test("the pool ends in time when its service group shuts down, also with a statement that runs")
    func shutdown() async throws {
        try await TestDatabase.withDatabase { database in
            let pool = PostgresPool(database.configuration(), logger: Logger(label: "test"))
            let group = ServiceGroup(services: [pool], logger: Logger(label: "test"))
            async let running: Void = group.run()
            try await eventually("the pool is up") { await pool.isReady() ? nil : "not ready" }
            let slow = Task { try await pool.query("select pg_sleep(4.9)") }
            try await Task.sleep(for: .milliseconds(200))
            let start = ContinuousClock.now
            await group.triggerGracefulShutdown()
            try await running
            #expect(start.duration(to: .now) < .seconds(5))
            #expect(await failure { try await pool.query("select 1") }?.code == .closed)
            await #expect(throws: (any Error).self) { try await slow.value }
        }
    }
}
