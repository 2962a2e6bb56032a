import Foundation
import ParleyProtocol
import Postgres
import Testing

@testable import IdentityService

@Suite("Import of accounts", .timeLimit(.minutes(1)))
struct AccountImportTests {
    private static func problems(_ csv: String) -> [String] {
        do {
            _ = try AccountImport(csv: csv)
            return []
        } catch let refused as AccountImport.Refused {
            return refused.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("columns may come in any order, with commas or semicolons, quoted or not, and with a byte order mark")
    func good() throws {
        for text in [
            "userName,displayName,email,language,permissions\nerika,Erika Muster,e@f.example,de,rooms.create\n",
            "\u{FEFF}displayName;userName;permissions;email;language\r\nErika Muster;erika;rooms.create;e@f.example;de\r\n",
            "userName,displayName,email,language,permissions\n\"erika\",\"Erika Muster\",e@f.example,de,rooms.create rooms.create",
        ] {
            let account = try #require(try AccountImport(csv: text).rows.first).account
            #expect(account.userName == "erika" && account.displayName == "Erika Muster")
            #expect(account.email == "e@f.example" && account.language == .german)
            #expect(account.permissions == [.createRooms])
        }
    }

    @Test("every problem is told with its line, also behind a field of several lines")
    func lines() {
        let text = """
            userName,displayName,permissions
            erika,Erika,
            ,Nobody,
            max,"Max
            Muster",
            eve,Eve,rooms.destroy
            ERIKA,Erika again,
            """
        let problems = Self.problems(text)
        #expect(problems.count == 4)
        #expect(problems[0].hasPrefix("line 3: The user name must have"))
        #expect(problems[1].hasPrefix("line 4: The display name must not contain control characters"))
        #expect(problems[2].hasPrefix("line 6: There is no permission \"rooms.destroy\""))
        #expect(problems[3] == "line 7: The user name stands in line 2 already.")
    }

    @Test(
        "what has not the right columns is refused at its first line",
        arguments: ["", "userName\na", "userName,displayName,shoeSize\na,A,43", "userName,userName,displayName\na,b,A"])
    func columns(_ text: String) {
        let problems = Self.problems(text)
        #expect(problems.count == 1 && problems[0].hasPrefix("line 1: "))
    }

    @Test("all accounts are added with one-time passwords, or none; a dry run changes nothing")
    func run() async throws {
        try await IdentityBench.run { bench async throws in
            @Sendable func count() async throws -> Int { try await bench.pool.query("select 1 from account").count }
            try await Administration.with(
                bench.settings.database, scryptLogN: 10, logger: IdentityBench.logger
            ) { admin in
                let before = try await count()
                let file = try AccountImport(csv: "userName,displayName\n=cmd,A\neve,Eve\n")
                #expect(try await admin.run(file, into: "demo", isDryRun: true) == nil)
                #expect(try await count() == before)
                let taken = try AccountImport(csv: "userName,displayName\neve,Eve\nERIKA,Erika\n")
                let refused = await #expect(throws: AccountImport.Refused.self) {
                    try await admin.run(taken, into: "demo", isDryRun: false)
                }
                #expect(refused?.problems.map(\.line) == [3])
                #expect(try await count() == before)
                let output = try #require(try await admin.run(file, into: "demo", isDryRun: false))
                let lines = output.split(separator: "\n")
                #expect(lines.count == 3 && lines[0] == "userName,oneTimePassword")
                #expect(lines[1].hasPrefix("\"'=cmd\","), "no formula")
                let password = String(try #require(lines[2].split(separator: ",").last))
                #expect(try await bench.signIn("eve", password: password).code == .passwordChangeRequired)
            }
        }
    }
}
