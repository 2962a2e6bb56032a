import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

/// Against a real directory.
@Suite("Signing in with a directory", .timeLimit(.minutes(1)))
struct DirectoryConnectionTests {
    private static let people = """
        dn: uid=ada,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: ada
        cn: Ada King
        sn: King
        displayName: Ada Lovelace
        mail: ada@example.org
        userPassword: engine-of-ada

        dn: uid=erika,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: erika
        cn: Erika at the directory
        sn: E
        userPassword: erika-of-the-directory

        dn: uid=root,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: root
        cn: Root
        sn: Root
        userPassword: root-of-the-directory

        """
    private static let group = """
        dn: cn=organizers,ou=groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: organizers
        member: uid=ada,ou=people,dc=example,dc=org
        member: uid=erika,ou=people,dc=example,dc=org

        """

    private static func run(
        guessing: SignInGuard.Rules = .generous,
        _ body: @Sendable (IdentityBench, SlapdProcess, ConnectionAdministration, String) async throws -> Void
    ) async throws {
        var options = SlapdProcess.Options()
        options.entries = people
        try await SlapdProcess.withServer(options) { server async throws in
            try await server.change(group)
            let json = """
                {"name": "Firma", "kind": "ldap", "settings": {"url": "\(server.url)", "search":
                {"base": "\(SlapdProcess.base)", "bindDN": "\(SlapdProcess.reader)",
                "bindPassword": "\(SlapdProcess.readerPassword)"}},
                "groups": {"CN=Organizers,ou=groups,dc=example,dc=org": ["rooms.create"]}}
                """
            try await IdentityBench.run(guessing: guessing) { bench async throws in
                try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                    let connections = ConnectionAdministration(admin, clusterSecret: IdentityBench.clusterSecret)
                    let id = try await connections.add(try ConnectionDraft(json: json), to: "demo")
                    try await body(bench, server, connections, id)
                }
            }
        }
    }

    @Test("who the directory knows gets an account at the first time, with name, e-mail and what the group permits")
    func first() async throws {
        try await Self.run { bench, server, connections, id async throws in
            try await connections.check(id, of: "demo", logger: IdentityBench.logger)
            #expect(try await bench.signIn("ada", password: "wrong").code == .credentialsWrong)
            #expect(try await bench.signIn("nobody", password: "engine-of-ada").code == .credentialsWrong)
            let answer = try await bench.signIn("FIRMA\\Ada", password: "engine-of-ada")
            let view = try answer.decoded(SessionView.self)
            #expect(view.displayName == "Ada Lovelace" && view.permissions == [.createRooms])
            let token = try await bench.token(try #require(answer.sessionCookie))
            let profile = try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            #expect(profile.origin == .ldap && profile.email == "ada@example.org")
            let change = PasswordChange(current: "engine-of-ada", new: "wolkenbruch über ziegeldach")
            #expect(
                try await bench.send(.put, "profile/password", bearer: token, json: change).code == .keptElsewhere)
            #expect(
                try await bench.signIn("ada", password: "engine-of-ada", organization: "other").status == .unauthorized)

            // What the directory says later is taken over.
            try await server.change(
                """
                dn: uid=ada,ou=people,dc=example,dc=org
                changetype: modify
                replace: displayName
                displayName: Countess Lovelace

                dn: cn=organizers,ou=groups,dc=example,dc=org
                changetype: modify
                delete: member
                member: uid=ada,ou=people,dc=example,dc=org

                """)
            let later = try await bench.signIn("ada", password: "engine-of-ada").decoded(SessionView.self)
            #expect(later.account == view.account)
            #expect(later.displayName == "Countess Lovelace" && later.permissions == [])
        }
    }

    @Test("a local account of the same name is the same person, with either password; its permissions stay Parley's")
    func linked() async throws {
        try await Self.run { bench, _, _, _ async throws in
            let local = try await bench.signIn("erika").decoded(SessionView.self)
            let linked = try await bench.signIn("erika", password: "erika-of-the-directory")
                .decoded(SessionView.self)
            #expect(linked.account == local.account && linked.displayName == "Erika Muster")
            let audit = try await bench.pool.query("select 1 from audit_entry where action = 'account.linked'")
            #expect(audit.count == 1)
        }
    }

    @Test("a one-time password for Parley stops nobody whom the directory lets in")
    func oneTime() async throws {
        try await Self.run { bench, _, _, _ async throws in
            _ = try await bench.signIn("erika", password: "erika-of-the-directory")
            for age in ["1 hour", "-1 hour"] {
                try await bench.pool.execute(
                    "update account set password_expires_at = now() + \(age)::interval where user_name = 'Erika'")
                #expect(try await bench.signIn("erika", password: "erika-of-the-directory").status == .created)
            }
            #expect(try await bench.signIn("erika").code == .passwordExpired)
        }
    }

    @Test("an administrator's account is not linked by its name; once linked, it goes on to be")
    func administrator() async throws {
        try await Self.run { bench, _, _, _ async throws in
            let change: SQL = "update account set permissions = '{organization.admin}' where user_name = 'Erika'"
            try await bench.pool.execute(change)
            #expect(try await bench.signIn("erika", password: "erika-of-the-directory").code == .credentialsWrong)
            try await bench.pool.execute("update account set permissions = '{}' where user_name = 'Erika'")
            #expect(try await bench.signIn("erika", password: "erika-of-the-directory").status == .created)
            try await bench.pool.execute(change)
            #expect(try await bench.signIn("erika", password: "erika-of-the-directory").status == .created)
        }
    }

    @Test("of two who come for the first time at once, both get in, with one account")
    func atOnce() async throws {
        try await Self.run { bench, _, _, _ async throws in
            let views = try await withThrowingTaskGroup(of: SessionView.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await bench.signIn("ada", password: "engine-of-ada").decoded(SessionView.self)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(views.count == 4 && Set(views.map(\.account)).count == 1)
        }
    }

    @Test("the groups of a directory leave no organization without an administrator")
    func lastAdministrator() async throws {
        try await Self.run { bench, _, _, _ async throws in
            _ = try await bench.signIn("ada", password: "engine-of-ada")
            try await bench.pool.execute(
                "update account set permissions = '{organization.admin}' where user_name = 'ada'")
            let view = try await bench.signIn("ada", password: "engine-of-ada").decoded(SessionView.self)
            #expect(Set(view.permissions) == [.createRooms, .administerOrganization])
            _ = try await bench.person("chief", ["organization.admin"])
            let later = try await bench.signIn("ada", password: "engine-of-ada").decoded(SessionView.self)
            #expect(later.permissions == [.createRooms])
        }
    }

    @Test("where the organization names its domains, others are not asked about in the directory")
    func domains() async throws {
        try await Self.run { bench, _, _, _ async throws in
            try await bench.pool.execute(
                "update organization set sign_in_domains = '{FIRMA,firma.example}' where ucsid = '4711-0815'")
            for name in ["ada", "FIRMA\\ada", "ada@Firma.example"] {
                #expect(try await bench.signIn(name, password: "engine-of-ada").status == .created, "\(name)")
            }
            for name in ["OTHER\\ada", "ada@other.example"] {
                #expect(try await bench.signIn(name, password: "engine-of-ada").code == .credentialsWrong, "\(name)")
            }
        }
    }

    @Test("a user name with an @ is found in the directory")
    func at() async throws {
        try await Self.run { bench, server, _, _ async throws in
            try await server.change(
                """
                dn: uid=eve@example.org,ou=people,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: eve@example.org
                cn: Eve
                sn: Eve
                userPassword: apple-of-eve

                """)
            let view = try await bench.signIn("eve@example.org", password: "apple-of-eve").decoded(SessionView.self)
            #expect(view.userName == "eve@example.org")
        }
    }

    @Test("a connection that can't be read is no hindrance for the others, nor for local accounts")
    func broken() async throws {
        try await Self.run { bench, _, connections, _ async throws in
            try await bench.pool.execute(
                """
                insert into sign_in_connection (id, organization_id, kind, name, settings, position)
                select gen_random_uuid(), id, kind, 'Broken', '{}', -1 from organization,
                    unnest(array['ldap', 'oidc']) kind where ucsid = '4711-0815'
                """)
            #expect(try await bench.signIn("ada", password: "engine-of-ada").status == .created)
            #expect(try await bench.signIn("erika").status == .created)
            #expect(try await bench.signIn("ada", password: "wrong").code == .signInUnavailable)
            let options = try await bench.send(.get, "sign-in-options?organization=demo").decoded(SignInOptions.self)
            #expect(options.connections.isEmpty)
        }
    }

    @Test("passwords that are tried while the directory is away count for who tries them")
    func awayCounts() async throws {
        var rules = SignInGuard.Rules.generous
        rules.unsurePerSource = 3
        try await Self.run(guessing: rules) { bench, server, _, _ async throws in
            await server.stop()
            for user in ["erika", "max", "nobody"] {
                #expect(try await bench.signIn(user, password: "wrong").code == .signInUnavailable)
            }
            #expect(try await bench.signIn("erika").code == .tooManyRequests)
            #expect(try await bench.signIn("erika", from: "203.0.113.77").status == .created)
        }
    }

    @Test("a name that somebody has chosen at a provider before is not its owner's account")
    func chosenBefore() async throws {
        try await Self.run { bench, _, _, _ async throws in
            try await bench.pool.execute(
                "update account set origin = 'oidc', password_hash = '', email = 'mallory@x.example' where user_name = 'Erika'"
            )
            #expect(try await bench.signIn("erika", password: "erika-of-the-directory").code == .credentialsWrong)
            #expect(try await bench.pool.query("select 1 from external_identity").isEmpty)
        }
    }

    @Test("no directory opens the account of a system administrator")
    func systemAdministrator() async throws {
        try await Self.run { bench, _, _, _ async throws in
            try await IdentityBench.add(
                NewAccount(userName: "root", displayName: "Root", permissions: ["system.admin"]), to: "demo",
                bench.pool)
            #expect(try await bench.signIn("root", password: "root-of-the-directory").code == .credentialsWrong)
            #expect(try await bench.signIn("root").status == .created)
        }
    }

    @Test("while the directory is away local accounts sign in; others are told so, known or not")
    func away() async throws {
        try await Self.run { bench, server, connections, id async throws in
            _ = try await bench.signIn("ada", password: "engine-of-ada")
            await server.stop()
            #expect(try await bench.signIn("erika").status == .created)
            for (user, password) in [("ada", "engine-of-ada"), ("ada", "wrong"), ("nobody", "x"), ("erika", "wrong")] {
                let answer = try await bench.signIn(user, password: password)
                #expect(answer.status == .serviceUnavailable && answer.code == .signInUnavailable, "\(user)")
            }
            await #expect(throws: InputProblem.self) {
                try await connections.check(id, of: "demo", logger: IdentityBench.logger)
            }
            try await connections.setEnabled(id, of: "demo", false)
            #expect(try await bench.signIn("ada", password: "engine-of-ada").code == .credentialsWrong)
        }
    }

    @Test("a disabled account stays out, whatever the directory says; the second factor is asked for, too")
    func rules() async throws {
        try await Self.run { bench, _, _, _ async throws in
            _ = try await bench.signIn("ada", password: "engine-of-ada")
            try await bench.pool.execute("update organization set second_factor = 'required' where ucsid = '4711-0815'")
            #expect(try await bench.signIn("ada", password: "engine-of-ada").code == .secondFactorSetupRequired)
            try await bench.pool.execute("update account set is_enabled = false where user_name = 'ada'")
            #expect(try await bench.signIn("ada", password: "engine-of-ada").code == .accountDisabled)
        }
    }

    @Test("the database holds no password of a connection")
    func sealed() async throws {
        try await Self.run { bench, _, connections, _ async throws in
            let row = try #require(
                try await bench.pool.query("select settings::text as settings, sealed_secret from sign_in_connection")
                    .first)
            let settings: String = try row.decode("settings")
            #expect(!settings.contains(SlapdProcess.readerPassword))
            let secret: [UInt8] = try row.decode("sealed_secret")
            #expect(!secret.contains(Array(SlapdProcess.readerPassword.utf8)))
            let lines = try await connections.list("demo").map(\.description)
            #expect(lines.count == 1 && !lines[0].contains(SlapdProcess.readerPassword))
        }
    }

    @Test(
        "a connection that can't be is refused with what is wrong",
        arguments: [
            "", "[]", "{}", #"{"name": "x", "kind": "local", "settings": {}}"#,
            #"{"name": "", "kind": "oidc", "settings": {"issuer": "https://i.example", "clientID": "c"}}"#,
            #"{"name": "x", "kind": "oidc", "settings": {"issuer": "http://i.example", "clientID": "c"}}"#,
            #"{"name": "x", "kind": "ldap", "settings": {"url": "ldap://dc.example", "userDN": "uid=%s"}}"#,
            #"{"name": "x", "kind": "oidc", "settings": {"issuer": "https://i.example", "clientID": "c"}, "groups": {"g": ["system.admin"]}}"#,
            #"{"name": "x", "kind": "oidc", "settings": {"issuer": "https://i.example", "clientID": "c"}, "groups": {"g": ["x"]}}"#,
            #"{"name": "x", "name": "y", "kind": "oidc", "settings": {"issuer": "https://i.example", "clientID": "c"}}"#,
        ])
    func wrong(_ json: String) {
        #expect(throws: InputProblem.self) { try ConnectionDraft(json: json) }
    }
}
