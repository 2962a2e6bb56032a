import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import IdentityService

/// What the writers were told so far.
private actor Answers {
    private(set) var added: Set<String> = []
    private(set) var refused = 0
    private(set) var isOver = false

    func add(_ name: String) { added.insert(name) }
    func refuse() { refused += 1 }
    func end() { isOver = true }
}

@Suite("PostgreSQL dies", .timeLimit(.minutes(2)))
struct PostgresLossTests {
    /// Adds accounts until the server has died several times, each time under writes that are under way: it is killed
    /// when some more were acknowledged, and started again when somebody was refused.
    private static func addWhileDying(
        _ store: AccountStore, _ organization: OrganizationID, _ server: PostgresServerProcess
    ) async throws -> Set<String> {
        let hash = try PasswordHash(Password("x"), cost: .standard(logN: 10))
        let answers = Answers()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var number = 0
                    while await !answers.isOver {
                        number += 1
                        let name = "user-\(writer)-\(number)"
                        let account = try NewAccount(userName: name, displayName: name)
                        let isAdded = try? await store.add(account, password: hash, to: organization, by: .commandLine)
                        await isAdded == nil ? answers.refuse() : answers.add(name)
                        try await Task.sleep(for: .milliseconds(5))
                    }
                }
            }
            for _ in 0..<3 {
                let added = await answers.added.count
                try await eventually(timeout: .seconds(30), "accounts") {
                    await answers.added.count >= added + 10 ? nil : "too few were added"
                }
                let refused = await answers.refused
                try await server.kill()
                try await eventually(timeout: .seconds(30), "a refusal") {
                    await answers.refused > refused ? nil : "nobody was refused"
                }
                try await server.start()
            }
            await answers.end()
            try await group.waitForAll()
        }
        return await answers.added
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
                let added = try await Self.addWhileDying(AccountStore(pool: pool), organization.id, server)
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
