import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Administration over HTTP", .timeLimit(.minutes(1)))
struct AdministrationRouteTests {
    @Test("an account is added with a one-time password, changed, disabled and deleted, and all of it is in the audit")
    func life() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            let draft = AccountDraft(
                userName: "Eve.Adams", displayName: "Eve Adams", email: "eve@firma.example", language: .english,
                permissions: [.createRooms])
            let answer = try await bench.send(.post, "accounts", bearer: chief, json: draft)
            #expect(answer.status == .created)
            let created = try answer.decoded(AccountCreated.self)
            let path = "accounts/\(created.account.account)"
            #expect(answer.headers[.location] == "/api/identity/\(path)")
            #expect(created.account.mustChangePassword && created.account.permissions == [.createRooms])
            let password = created.oneTimePassword.password
            #expect(try await bench.signIn("eve.adams", password: password).code == .passwordChangeRequired)
            let cookie = try #require(
                try await bench.signIn("eve.adams", password: password, newPassword: "wolkenbruch über ziegeldach")
                    .sessionCookie)

            let shown = try await bench.send(.get, path, bearer: chief)
            let version = try #require(shown.headers[.eTag])
            var changed = draft
            changed.displayName = "Eve A."
            changed.isEnabled = false
            #expect(try await bench.send(.put, path, bearer: chief, json: changed).code == .preconditionRequired)
            let old = try await bench.send(.put, path, bearer: chief, json: changed, ifMatch: "\"999\"")
            #expect(old.code == .preconditionFailed)
            let done = try await bench.send(.put, path, bearer: chief, json: changed, ifMatch: version)
            #expect(try done.decoded(AccountView.self).isEnabled == false)
            #expect(try await bench.send(.get, "session", cookie: cookie).code == .unauthenticated)
            let newVersion = try #require(done.headers[.eTag])
            #expect(try await bench.send(.delete, path, bearer: chief, ifMatch: newVersion).status == .noContent)
            #expect(try await bench.send(.get, path, bearer: chief).code == .notFound)

            let audit = try await bench.send(.get, "audit?limit=4", bearer: chief).decoded(AuditList.self)
            #expect(
                audit.items.map(\.action) == [
                    "account.deleted", "account.disabled", "account.changed", "account.password_changed",
                ])
            #expect(audit.items[0].actor == "chief" && audit.items[0].source == "203.0.113.9")
            #expect(audit.items[2].detail == ["displayName": "Eve Adams → Eve A."])
            #expect(audit.items[3].actor == "Eve.Adams")
            let rest = try await bench.send(.get, "audit?cursor=\(audit.nextCursor ?? "")", bearer: chief)
            #expect(try rest.decoded(AuditList.self).items.first?.action == "account.added")
        }
    }

    @Test("how another administrator signs in is changed with the own password only, and how one does oneself not here")
    func administratorsOfEachOther() async throws {
        try await IdentityBench.run { bench async throws in
            let (own, chief) = try await bench.person("chief", ["organization.admin"])
            let (other, _) = try await bench.person("deputy", ["organization.admin"])
            let (member, _) = try await bench.person("member", [])
            for (method, way) in [(HTTPRequest.Method.post, "one-time-password"), (.delete, "second-factor")] {
                func ask(_ account: AccountID, _ shown: AdministratorReauthentication?) async throws -> TestResponse {
                    let path = "accounts/\(account)/\(way)"
                    guard let shown else { return try await bench.send(method, path, bearer: chief) }
                    return try await bench.send(method, path, bearer: chief, json: shown)
                }
                let right = AdministratorReauthentication(password: IdentityBench.password)
                #expect(try await ask(own.account, nil).code == .forbidden)
                #expect(try await ask(own.account, right).code == .forbidden)
                #expect(try await ask(other.account, nil).code == .passwordNeeded)
                #expect(try await ask(other.account, AdministratorReauthentication()).code == .passwordNeeded)
                let wrong = try await ask(other.account, AdministratorReauthentication(password: "wrong"))
                #expect(wrong.code == .credentialsWrong)
                #expect(try await bench.signIn("deputy").status == .created, "nothing has changed")
                #expect(try await ask(member.account, nil).status.kind == .successful)
                #expect(try await ask(other.account, right).status.kind == .successful)
                #expect(try await bench.signIn("chief").status == .created)
                if way == "one-time-password" {
                    #expect(try await bench.signIn("deputy").code == .credentialsWrong)
                    try await Administration.with(
                        bench.settings.database, scryptLogN: 10, logger: IdentityBench.logger
                    ) { admin in
                        _ = try await admin.setPassword(
                            Password(IdentityBench.password), of: "deputy", at: "demo")
                    }
                }
            }
        }
    }

    @Test("nobody is made or unmade an administrator without the password of who does it, also not step by step")
    func power() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            let (deputy, _) = try await bench.person("deputy", ["organization.admin"])
            let path = "accounts/\(deputy.account)"
            var draft = AccountDraft(userName: "deputy", displayName: "D", permissions: [.createRooms])
            func change() async throws -> TestResponse {
                try await bench.send(.put, path, bearer: chief, json: draft, ifMatch: "*")
            }
            func add(_ shown: AdministratorReauthentication?) async throws -> TestResponse {
                try await bench.send(
                    .post, "accounts", bearer: chief,
                    json: AccountDraft(
                        userName: "new", displayName: "N", permissions: [.administerOrganization], shown: shown))
            }
            #expect(try await change().code == .passwordNeeded)
            #expect(try await add(nil).code == .passwordNeeded)
            let wrong = AdministratorReauthentication(password: "wrong")
            draft.shown = wrong
            #expect(try await change().code == .credentialsWrong)
            #expect(try await add(wrong).code == .credentialsWrong)
            let still = try await bench.send(.get, path, bearer: chief).decoded(AccountView.self)
            #expect(still.permissions == [.administerOrganization])
            let right = AdministratorReauthentication(password: IdentityBench.password)
            draft.shown = right
            #expect(try await change().status == .ok)
            #expect(try await add(right).status == .created)
            // What is not power needs none.
            draft.shown = nil
            draft.permissions = []
            #expect(try await change().status == .ok)
        }
    }

    @Test("audit entries can be changed by no statement, and removed only when they are old")
    func auditKept() async throws {
        try await IdentityBench.run { bench async throws in
            for statement: SQL in ["update audit_entry set actor = 'nobody'", "delete from audit_entry"] {
                await #expect(throws: PostgresError.self) { try await bench.pool.execute(statement) }
            }
            try await bench.pool.execute(
                "insert into audit_entry (at, action, actor, source, subject) values (now() - interval '400 days', 'a', 'b', 'c', 'd')"
            )
            #expect(try await AuditStore(pool: bench.pool).remove(olderThan: 365) == 1)
        }
    }

    @Test("what is wrong with an account is told with its field; nothing is added")
    func wrong() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            let before = try await bench.pool.query("select 1 from account").count
            for (userName, displayName, email, field, reason) in [
                ("", "A", nil, "userName", FieldProblem.Reason.missing),
                ("a\\b", "A", nil, "userName", .badFormat),
                ("a", "", nil, "displayName", .missing),
                ("a", String(repeating: "x", count: 61), nil, "displayName", .tooLong),
                ("a", "A", "nobody", "email", .badFormat), ("a", "A", "a@b@c", "email", .badFormat),
            ] {
                let draft = AccountDraft(userName: userName, displayName: displayName, email: email)
                let answer = try await bench.send(.post, "accounts", bearer: chief, json: draft)
                #expect(answer.status == .badRequest)
                #expect(try answer.decoded(Problem.self).fields == [FieldProblem(field, reason)])
            }
            let taken = try await bench.send(
                .post, "accounts", bearer: chief, json: AccountDraft(userName: "ERIKA", displayName: "E"))
            #expect(taken.status == .conflict && taken.code == .userNameTaken)
            #expect(try await bench.pool.query("select 1 from account").count == before)
        }
    }

    @Test("the last administrator can't be disabled, deleted or made less; with another one, yes")
    func lastAdministrator() async throws {
        try await IdentityBench.run { bench async throws in
            let (account, chief) = try await bench.person("chief", ["organization.admin"])
            let path = "accounts/\(account.account)"
            var draft = AccountDraft(userName: "chief", displayName: "chief", permissions: [.administerOrganization])
            draft.isEnabled = false
            var less = draft
            less.isEnabled = true
            less.permissions = [.createRooms]
            for body in [draft, less] {
                let answer = try await bench.send(.put, path, bearer: chief, json: body, ifMatch: "*")
                #expect(answer.status == .conflict && answer.code == .lastAdministrator)
            }
            #expect(try await bench.send(.delete, path, bearer: chief, ifMatch: "*").code == .lastAdministrator)
            _ = try await bench.person("second", ["organization.admin"])
            less.shown = AdministratorReauthentication(password: IdentityBench.password)
            #expect(try await bench.send(.put, path, bearer: chief, json: less, ifMatch: "*").status == .ok)
            #expect(try await bench.send(.get, path, bearer: chief).code == .forbidden, "it counts at once")
        }
    }

    @Test("an administrator of an organization neither makes nor touches a system administrator")
    func systemAdministrators() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            let (root, system) = try await bench.person("root", ["system.admin"])
            let path = "accounts/\(root.account)"
            let wish = AccountDraft(
                userName: "x", displayName: "X", permissions: [.administerSystem],
                shown: AdministratorReauthentication(password: IdentityBench.password))
            #expect(try await bench.send(.post, "accounts", bearer: chief, json: wish).code == .forbidden)
            let taken = AccountDraft(userName: "root", displayName: "root")
            #expect(try await bench.send(.put, path, bearer: chief, json: taken, ifMatch: "*").code == .forbidden)
            #expect(try await bench.send(.delete, path, bearer: chief, ifMatch: "*").code == .forbidden)
            for (method, end) in [
                (HTTPRequest.Method.post, "one-time-password"), (.delete, "second-factor"), (.delete, "sessions"),
            ] {
                #expect(try await bench.send(method, "\(path)/\(end)", bearer: chief).code == .forbidden)
            }
            #expect(try await bench.send(.post, "accounts", bearer: system, json: wish).status == .created)
        }
    }

    @Test("accounts are found by part of any name, and listed in pages without gap or double")
    func list() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            func names(_ query: String) async throws -> [String] {
                var seen: [String] = []
                var cursor = ""
                repeat {
                    let path = "accounts?limit=2&\(query)" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
                    let page = try await bench.send(.get, path, bearer: chief).decoded(AccountList.self)
                    seen += page.items.map(\.displayName)
                    cursor = page.nextCursor ?? ""
                } while !cursor.isEmpty
                return seen
            }
            #expect(try await names("") == ["chief", "Erika Muster", "Erika Zwei", "Max Muster"])
            #expect(try await names("search=MUSTER") == ["Erika Muster", "Max Muster"])
            #expect(try await names("search=firma.EX") == ["Erika Zwei"])
            #expect(try await names("search=%25") == [])
            for bad in ["limit=0", "limit=x", "cursor=x", "search=%00"] {
                #expect(try await bench.send(.get, "accounts?\(bad)", bearer: chief).code == .validationFailed)
            }
        }
    }

    @Test("an organization's settings are changed by its administrator, with their version")
    func organization() async throws {
        try await IdentityBench.run { bench async throws in
            let (_, chief) = try await bench.person("chief", ["organization.admin"])
            let shown = try await bench.send(.get, "organization", bearer: chief)
            let before = try shown.decoded(OrganizationSettingsView.self)
            var draft = before.settings
            draft.aliases = ["Demo", "Neu"]
            draft.signInDomains = ["FIRMA", "firma.example"]
            draft.passwordMinimum = 12
            draft.roomCreators = .everyone
            draft.defaultLanguage = .german
            let version = try #require(shown.headers[.eTag])
            let answer = try await bench.send(.put, "organization", bearer: chief, json: draft, ifMatch: version)
            #expect(try answer.decoded(OrganizationSettingsView.self).settings == draft)
            #expect(
                try await bench.send(.put, "organization", bearer: chief, json: draft, ifMatch: version).code
                    == .preconditionFailed)
            #expect(try await bench.signIn("FIRMA\\max", organization: "neu").status == .created)
            #expect(try await bench.signIn("elsewhere\\max", organization: "neu").code == .credentialsWrong)
            #expect(
                try await bench.signIn("max", organization: "Bäcker").code == .credentialsWrong, "no alias any more")
            #expect(try await bench.signIn("max").decoded(SessionView.self).permissions == [.createRooms])
            for (field, change) in [
                ("name", { $0.name = " " }), ("aliases", { $0.aliases = ["a b"] }),
                ("aliases", { $0.aliases = ["4711-0815"] }), ("passwordMinimum", { $0.passwordMinimum = 7 }),
                ("signInDomains", { $0.signInDomains = ["a\\b"] }),
                ("aliases", { $0.aliases = (0...20).map(String.init) }),
            ] as [(String, (inout OrganizationDraft) -> Void)] {
                var bad = draft
                change(&bad)
                let refused = try await bench.send(.put, "organization", bearer: chief, json: bad, ifMatch: "*")
                #expect(try refused.decoded(Problem.self).fields?.map(\.field) == [field])
            }
            var stolen = draft
            stolen.aliases = ["OTHER"]
            let taken = try await bench.send(.put, "organization", bearer: chief, json: stolen, ifMatch: "*")
            #expect(taken.code == .organizationTaken)
            let audit = try await bench.send(.get, "audit?limit=1", bearer: chief).decoded(AuditList.self)
            #expect(audit.items.first?.detail["passwordMinimum"] == "15 → 12")
        }
    }
}
