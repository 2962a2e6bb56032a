import Foundation
import Logging
import TestSupport
import Testing

@testable import Postgres

@Suite("Statements", .timeLimit(.minutes(1)))
struct StatementTests {
    @Test("a violated constraint is named, and its value is not told")
    func constraint() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.execute("create table t (v text constraint t_v_once unique)")
            try await pool.execute("insert into t values (\("geheim"))")
            let error = try #require(await failure { try await pool.execute("insert into t values (\("geheim"))") })
            #expect(error.isUniqueViolation)
            #expect(error.constraint == "t_v_once")
            #expect(!"\(error)".contains("geheim"))
        }
    }

    @Test("an error about a value doesn't repeat the value")
    func valueInMessage() async throws {
        try await TestDatabase.withPool { pool in
            let error = try #require(await failure { try await pool.query("select \("geheim")::int") })
            #expect(error.code == .sqlState("22P02"))
            #expect(!"\(error)".contains("geheim"))
        }
    }

    @Test("an execution tells how many rows it changed")
    func affected() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.execute("create table t (v int)")
            #expect(try await pool.execute("insert into t select generate_series(1, 7)") == 7)
            #expect(try await pool.execute("update t set v = 0 where v > \(4)") == 3)
        }
    }

    @Test("a transaction that throws leaves nothing")
    func rollback() async throws {
        struct Halt: Error {}
        try await TestDatabase.withPool { pool in
            try await pool.execute("create table t (v int)")
            await #expect(throws: Halt.self) {
                try await pool.transaction { connection in
                    try connection.execute("insert into t values (1)")
                    throw Halt()
                }
            }
            let error = await failure {
                try await pool.transaction { connection in
                    try connection.execute("insert into t values (2)")
                    try connection.execute("insert into missing values (2)")
                }
            }
            #expect(error?.code == .sqlState("42P01"))
            #expect(try await pool.query("select v from t").isEmpty)
            try await pool.transaction { try $0.execute("insert into t values (3)") }
            #expect(try await pool.query("select v from t").count == 1)
        }
    }

    @Test("a transaction whose body swallowed an error of the server is not taken for committed")
    func swallowedError() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.execute("create table t (v int)")
            let error = await failure {
                try await pool.transaction { connection in
                    try connection.execute("insert into t values (1)")
                    _ = try? connection.execute("select 1 / 0")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(try await pool.query("select v from t").isEmpty)
        }
    }

    @Test("a connection that comes back in an open transaction is not lent again")
    func leftTransaction() async throws {
        try await TestDatabase.withPool(maximumConnections: 1) { pool in
            let before = try await backend(pool)
            try await pool.withConnection { _ = try $0.execute("begin") }
            #expect(try await backend(pool) != before)
        }
    }

    @Test("a statement that takes too long is stopped by the server, and the connection stays usable")
    func statementTimeout() async throws {
        try await TestDatabase.withDatabase { database in
            var configuration = database.configuration()
            configuration.statementTimeout = .milliseconds(100)
            try await PostgresPool.withPool(configuration, logger: Logger(label: "test")) { pool in
                let before = try await backend(pool)
                let error = try #require(await failure { try await pool.query("select pg_sleep(20)") })
                #expect(error.code == .timeout)
                #expect(try await backend(pool) == before)
            }
        }
    }

    @Test("a statement ends when its task is cancelled")
    func cancellation() async throws {
        try await TestDatabase.withPool(maximumConnections: 1) { pool in
            let before = try await backend(pool)
            let start = ContinuousClock.now
            let task = Task { try await pool.query("select pg_sleep(4)") }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(start.duration(to: .now) < .seconds(3))
            #expect(try await backend(pool) != before)
        }
    }

    @Test("more different statements than the cache holds all work")
    func statementCache() async throws {
        try await TestDatabase.withPool(maximumConnections: 1) { pool in
            for number in 0..<150 {
                let sql = SQL(stringLiteral: "select \(number) as n")
                #expect(try await pool.query(sql).first?.decode("n") == number)
            }
            let rows = try await pool.query("select count(*) as n from pg_prepared_statements")
            #expect(try #require(rows.first).decode("n", as: Int.self) <= 128)
        }
    }

    @Test("a prepared statement survives a change of its table")
    func changedTable() async throws {
        try await TestDatabase.withPool(maximumConnections: 1) { pool in
            try await pool.execute("create table t (v int)")
            #expect(try await pool.query("select * from t").isEmpty)
            try await pool.execute("alter table t alter v type text")
            try await pool.execute("insert into t values ('x')")
            #expect(try await pool.query("select * from t").first?.decode("v") == "x")
        }
    }

    @Test("a URL that can't be read is refused without being shown")
    func badURL() async throws {
        let error = await failure {
            _ = try await PostgresConnection.connect(.init(url: "postgresql://me:hunter2%zz@127.0.0.1/x"))
        }
        #expect(error?.code == .configuration)
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
    }
}

/// The error of the database that `body` throws.
func failure<T>(_ body: () async throws -> T) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// The server's process that serves the next lease.
func backend(_ pool: PostgresPool) async throws -> Int? {
    try await pool.query("select pg_backend_pid() as pid").first?.decode("pid", as: Int.self)
}
