import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import IdentityService

@Suite("PostgreSQL dies", .timeLimit(.minutes(2)))
struct PostgresLossTests {
    /// Kills the server again and again while accounts are added, and returns what was acknowledged.
    private static func addWhileDying(
        _ store: AccountStore, _ organization: OrganizationID, _ server: PostgresServerProcess
    ) async throws -> (added: Set<String>, deaths: Int) {
        let hash = try PasswordHash(Password("x"), cost: .standard(logN: 10))
        return try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var added: Set<String> = []
                    for number in 0..<60 {
                        let name = "user-\(writer)-\(number)"
                        let account = try NewAccount(userName: name, displayName: name)
                        let isAdded = try? await store.add(account, password: hash, to: organization, by: .commandLine)
                        if isAdded != nil { added.insert(name) }
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return added
                }
            }
            var deaths = 0
            for _ in 0..<3 {
                try await Task.sleep(for: .milliseconds(300))
                try await server.kill()
                try await server.start()
                deaths += 1
            }
            return (try await group.reduce(into: []) { $0.formUnion($1) }, deaths)
        }
    }

    @Test("kill -9 of PostgreSQL while accounts are added: whatever was acknowledged is there, each with its audit")
    func nothingLost() async throws {
        try await PostgresServerProcess.withServer { server in
            var configuration = DatabaseSettings.configuration(url: server.url)
            configuration.maximumConnections = 4
            _ = try await Administration.migrate(configuration)
            try await PostgresPool.withPool(configuration, logger: IdentityBench.logger) { pool in
                let organization = try await OrganizationStore(pool: pool).add(
                    NewOrganization(ucsid: "one", name: "One", aliases: []))
                let (added, deaths) = try await Self.addWhileDying(
                    AccountStore(pool: pool), organization.id, server)
                #expect(deaths == 3 && !added.isEmpty && added.count < 240, "some were refused, and some were not")
                try await eventually(timeout: .seconds(20), "the database") {
                    await pool.isReady() ? nil : "it is away"
                }
                let rows = try await pool.query("select user_name from account")
                let there = Set(try rows.map { try $0.decode("user_name", as: String.self) })
                #expect(added.isSubset(of: there))
                let noted = try await pool.query("select subject from audit_entry where action = 'account.added'")
                #expect(Set(try noted.map { try $0.decode("subject", as: String.self) }) == there)
            }
        }
    }
}
