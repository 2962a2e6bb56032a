import Foundation
import Logging
import TestSupport
import Testing

@testable import Postgres

@Suite("Faults of the server", .timeLimit(.minutes(2)))
struct ServerFaultTests {
    @Test("after a restart and after a kill of the server the pool comes back by itself")
    func restart() async throws {
        try await PostgresServerProcess.withServer { server in
            try await withPool(server) { pool in
                #expect(try await pool.query("select 1").count == 1)
                try await server.restart()
                try await eventually("statements work again") {
                    try await pool.query("select 1").count == 1 ? nil : "no row"
                }
                try await server.kill()
                #expect(await !pool.isReady())
                #expect(await failure { try await pool.query("select 1") }?.code == .connection)
                try await Task.sleep(for: .milliseconds(300))
                try await server.start()
                try await eventually("statements work again") {
                    try await pool.query("select 1").count == 1 ? nil : "no row"
                }
            }
        }
    }

    @Test("a pool starts while the server is away")
    func lateServer() async throws {
        try await PostgresServerProcess.withServer { server in
            try await server.stop()
            try await withPool(server) { pool in
                #expect(await failure { try await pool.query("select 1") }?.isUnavailable == true)
                try await server.start()
                try await eventually("the pool is up") { await pool.isReady() ? nil : "not ready" }
            }
        }
    }

    @Test("a server that is paused costs a caller the time limit and no more")
    func paused() async throws {
        try await PostgresServerProcess.withServer { server in
            try await withPool(server) { pool in
                let pid = try #require(try await backend(pool))
                kill(pid_t(pid), SIGSTOP)
                let start = ContinuousClock.now
                #expect(await failure { try await pool.query("select 1") }?.code == .timeout)
                #expect(start.duration(to: .now) < .seconds(5))
                kill(pid_t(pid), SIGCONT)
                #expect(try await backend(pool) != pid)
            }
        }
    }

    private func withPool(
        _ server: PostgresServerProcess, _ body: @Sendable (PostgresPool) async throws -> Void
    ) async throws {
        let configuration = PostgresConfiguration(
            url: server.url, maximumConnections: 2, waitLimit: .seconds(1), statementTimeout: .seconds(1))
        var logger = Logger(label: "test")
        logger.logLevel = .error
        try await PostgresPool.withPool(configuration, logger: logger, body)
    }
}
