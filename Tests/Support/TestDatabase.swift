import Foundation
import Logging
import Postgres

/// A database of one test alone, on the server that `PARLEY_TEST_POSTGRES` names.
public struct TestDatabase: Sendable {
    public let name: String
    public let url: String
    private let server: PostgresConfiguration

    public enum Problem: Error, CustomStringConvertible {
        case noServer
        case notLocal(host: String)

        public var description: String {
            switch self {
            case .noServer: "PARLEY_TEST_POSTGRES must hold the URL of a PostgreSQL server for tests."
            case .notLocal(let host): "Tests create and drop databases only on this machine, not on \(host)."
            }
        }
    }

    /// Creates a database, lends it to `body` and drops it.
    public static func withDatabase<T: Sendable>(
        _ body: @Sendable (TestDatabase) async throws -> T
    ) async throws -> T {
        let database = try await create()
        let result: Result<T, any Error>
        do { result = .success(try await body(database)) } catch { result = .failure(error) }
        try await database.drop()
        return try result.get()
    }

    /// As `withDatabase`, with a pool that runs, after `migrator` was applied.
    public static func withPool<T: Sendable>(
        schema: String? = nil, migrator: Migrator? = nil, maximumConnections: Int = 4,
        _ body: @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        try await withDatabase { database in
            var configuration = database.configuration(schema: schema ?? migrator?.schema)
            configuration.maximumConnections = maximumConnections
            if let migrator { try await migrator.migrate(configuration) }
            return try await PostgresPool.withPool(configuration, logger: Logger(label: "test"), body)
        }
    }

    public static func create() async throws -> TestDatabase {
        guard let text = ProcessInfo.processInfo.environment["PARLEY_TEST_POSTGRES"],
            var parts = URLComponents(string: text)
        else { throw Problem.noServer }
        let host = parts.host ?? ""
        guard ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host) else { throw Problem.notLocal(host: host) }
        let name = "parley_test_" + String(UInt64.random(in: .min ... .max), radix: 36)
        parts.path = "/\(name)"
        guard let url = parts.string else { throw Problem.noServer }
        let database = TestDatabase(name: name, url: url, server: serverConfiguration(url: text))
        try await database.onServer("create database \(name)")
        return database
    }

    public func configuration(schema: String? = nil) -> PostgresConfiguration {
        PostgresConfiguration(url: url, maximumConnections: 4, schema: schema, applicationName: "parley tests")
    }

    /// Also ends the connections that are still open.
    public func drop() async throws {
        // The caller's task may be cancelled by the time limit of its test: what was created goes all the same.
        try await Task { try await onServer("drop database if exists \(name) with (force)") }.value
    }

    private static func serverConfiguration(url: String) -> PostgresConfiguration {
        // Creating a database copies a template: with many tests at once it takes its time.
        PostgresConfiguration(url: url, statementTimeout: .seconds(30), applicationName: "parley tests")
    }

    private func onServer(_ statement: String) async throws {
        let connection = try await PostgresConnection.connect(server)
        let outcome: Result<Int, any Error>
        do {
            outcome = .success(try await connection.execute(SQL(stringLiteral: statement)))
        } catch {
            outcome = .failure(error)
        }
        await connection.close()
        _ = try outcome.get()
    }
}
