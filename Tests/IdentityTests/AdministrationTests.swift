import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Subcommands and settings", .timeLimit(.minutes(1)))
struct AdministrationTests {
    @Test("the list of migrations is the folder of migrations")
    func migrations() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Services/Identity/Migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.standardized.path).sorted()
        #expect(files == Migrations.all.map { $0.name + ".sql" })
    }

    @Test("what is added once is there; a second time it is refused, and nothing changes")
    func adding() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = DatabaseSettings.configuration(url: database.url)
            #expect(try await Administration.migrate(configuration) == Migrations.all.map(\.name))
            #expect(try await Administration.migrate(configuration) == [])
            try await Administration.with(configuration, scryptLogN: 10, logger: IdentityBench.logger) { admin in
                func add(_ ucsid: String, _ aliases: [String]) async throws {
                    try await admin.add(try NewOrganization(ucsid: ucsid, name: "Firma", aliases: aliases))
                }
                func add(_ userName: String, to organization: String) async throws {
                    _ = try await admin.add(
                        try NewAccount(userName: userName, displayName: "A", permissions: ["rooms.create"]),
                        password: try Password("x"), to: organization)
                }
                try await add("Firma", ["alias"])
                for (ucsid, aliases) in [("FIRMA", []), ("ALIAS", []), ("new", ["firma"]), ("new", ["x", "Alias"])] {
                    await #expect(throws: InputProblem.self) { try await add(ucsid, aliases) }
                }
                try await add("new", ["x"])
                try await add("Erika", to: "ALIAS")
                try await add("Erika", to: "new")
                await #expect(throws: InputProblem.self) { try await add("ERIKA", to: "firma") }
                await #expect(throws: InputProblem.self) { try await add("max", to: "nowhere") }
                #expect(try await admin.allOrganizations().map(\.ucsid) == ["Firma", "new"])
                #expect(try await admin.allAccounts(of: "alias").map(\.userName) == ["Erika"])
                #expect(try await admin.account("ERIKA", of: "x").permissions == [.createRooms])
            }
        }
    }

    @Test("everything that is missing or wrong in the settings is told at once")
    func settings() {
        let problems = #expect(throws: SettingsError.self) {
            try IdentitySettings(Settings(environment: ["PARLEY_SCRYPT_LOG_N": "9", "PARLEY_REDIS_URL": "http://x"]))
        }?.problems.joined(separator: "\n")
        for key in ["CLUSTER_SECRET", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL", "DIRECTORY_URL", "SCRYPT_LOG_N"] {
            #expect(problems?.contains("PARLEY_\(key) ") == true)
        }
    }

    @Test("good settings are read, and scrypt's cost is 2^15 unless something else is set")
    func goodSettings() throws {
        let environment = [
            "PARLEY_CLUSTER_SECRET": "Zq8pL0vXw3Rk6Tn1Yb5Hs9Jd2Fg7Mc4A", "PARLEY_PUBLIC_URL": "https://meet.example",
            "PARLEY_DATABASE_URL": "postgresql://parley@127.0.0.1/parley", "PARLEY_REDIS_URL": "redis://127.0.0.1",
            "PARLEY_DIRECTORY_URL": "http://127.0.0.1:9102/",
        ]
        let settings = try IdentitySettings(Settings(environment: environment))
        #expect(settings.scryptLogN == 15)
        #expect(settings.database.schema == "identity")
        #expect(settings.service.name == .identity)
    }
}
