import Foundation
import Logging
import TestSupport
import Testing

@testable import LDAP

@Suite("Sign-in with a directory", .timeLimit(.minutes(2)))
struct SignInTests {
    @Test("the account that searches finds the person, whose password decides")
    func search() async throws {
        try await Sample.withServer { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let ada = try #require(try await directory.authenticate(userName: "ada", password: "engine-of-ada"))
            #expect(ada.dn == Sample.ada)
            #expect(UUID(uuidString: ada.identifier) != nil)
            #expect(ada.userName == "ada")
            #expect(ada.displayName == "Ada Lovelace")
            #expect(ada.email == "ada@example.org")
            #expect(ada.groups == [Sample.math, Sample.staff])
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-bob") == nil)
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada ") == nil)
            #expect(try await directory.authenticate(userName: "ada", password: "Engine-of-ada") == nil)
            #expect(try await directory.authenticate(userName: "nobody", password: "engine-of-ada") == nil)
            // As the directory compares names; the person stays the same one.
            #expect(try await directory.authenticate(userName: "ADA", password: "engine-of-ada") == ada)
            let other = try await directory.authenticate(userName: "countess", password: "engine-of-ada")
            #expect(other?.identifier == ada.identifier)
        }
    }

    @Test("without an account everybody searches, and people read their own entries")
    func anonymousSearch() async throws {
        try await Sample.withServer {
            // Nobody in particular finds names, but reads no more than that.
            $0.access = "by anonymous search"
        } _: { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.search?.bindDN = nil
            settings.search?.bindPassword = nil
            // What may not be read is not found: entries and user names are what nobody in particular may see.
            let directory = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") == nil)
        }
        try await Sample.withServer {
            $0.access = "by anonymous read"
        } _: { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.search?.bindDN = nil
            settings.search?.bindPassword = nil
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let ada = try await directory.authenticate(userName: "ada", password: "engine-of-ada")
            #expect(ada?.displayName == "Ada Lovelace")
            #expect(try await directory.authenticate(userName: "ada", password: "wrong") == nil)
            #expect(try await directory.authenticate(userName: "nobody", password: "wrong") == nil)
        }
    }

    @Test("a distinguished name is built from what is typed, and from nothing more than that")
    func pattern() async throws {
        try await Sample.withServer { server, threads async throws in
            let settings = LDAPSettings(url: server.url, userDN: "uid=%s,ou=people,\(SlapdProcess.base)")
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let ada = try #require(try await directory.authenticate(userName: "ada", password: "engine-of-ada"))
            #expect(ada.displayName == "Ada Lovelace")
            #expect(ada.groups == [Sample.math, Sample.staff])
            #expect(try await directory.authenticate(userName: "ada", password: "wrong") == nil)
            #expect(try await directory.authenticate(userName: "nobody", password: "wrong") == nil)
            for name in ["ada,ou=people", "ada+uid=ada", "*", "ada\\", "#ada", "ada,", "x,uid=ada", "😀", "ada\0"] {
                #expect(try await directory.authenticate(userName: name, password: "engine-of-ada") == nil, "\(name)")
            }
        }
    }

    @Test("names of attackers find nobody")
    func hostileNames() async throws {
        try await Sample.withServer { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let names = [
                "*", "a*", "ad*", ")(uid=*", "*)(uid=*))(|(uid=*", "ada)(objectClass=*", "ada\0", "\\61da", "\\2a",
                "%s", "%d", "", " ", "(", ")", "&", "!(uid=x)", "\u{202e}ada", String(repeating: "a", count: 100_000),
            ]
            for name in names {
                let person = try await directory.authenticate(userName: name, password: "engine-of-ada")
                #expect(person == nil, "\(name.prefix(20))")
            }
        }
    }

    @Test("what is special in filters and names is found by those who have it")
    func oddNames() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.attributes.groups = nil
            settings.groupSearch = .init(base: SlapdProcess.base)
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let person = try await directory.authenticate(userName: "jmueller*", password: "pässwörd 東京")
            #expect(try Parts(person?.dn ?? "").values.first == #"Müller, Jürgen (Büro) * \"#)
            #expect(person?.displayName == #"Müller, Jürgen (Büro) * \"#)
            #expect(person?.email == nil)
            #expect(person?.groups == [Sample.staff])
            #expect(try await directory.authenticate(userName: "jmueller", password: "pässwörd 東京") == nil)
        }
    }

    @Test("groups are those that the entry names and those that are found, each once")
    func groups() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.groupSearch = .init(base: "ou=groups,\(SlapdProcess.base)")
            let both = try LDAPAuthenticator(testing: settings, threads)
            let ada = try await both.authenticate(userName: "ada", password: "engine-of-ada")
            #expect(ada?.groups == [Sample.math, Sample.staff])
            settings.attributes.groups = nil
            let found = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await found.authenticate(userName: "ada", password: "engine-of-ada")?.groups == ada?.groups)
            #expect(try await found.authenticate(userName: "bob", password: "secret of bob")?.groups == [])
            settings.groupSearch = nil
            let none = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await none.authenticate(userName: "ada", password: "engine-of-ada")?.groups == [])
            settings.groupSearch = .init(base: SlapdProcess.base, filter: "(&(objectClass=groupOfNames)(cn=%s))")
            let byName = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await byName.authenticate(userName: "ada", password: "engine-of-ada")?.groups == [])
        }
    }

    @Test("of more groups than are read some are named, and the rest is logged")
    func manyGroups() async throws {
        try await Sample.withServer { server, threads async throws in
            try await server.change(
                (1...LDAPLimits.groups + 5).map { number in
                    """
                    dn: cn=group-\(number),ou=groups,\(SlapdProcess.base)
                    objectClass: groupOfNames
                    cn: group-\(number)
                    member: uid=bob,ou=people,\(SlapdProcess.base)

                    """
                }.joined(separator: "\n"))
            var settings = Sample.settings(server.url)
            settings.attributes.groups = nil
            settings.groupSearch = .init(base: SlapdProcess.base)
            let log = LogLines()
            let directory = try LDAPAuthenticator(testing: settings, threads, log: log)
            let bob = try await directory.authenticate(userName: "bob", password: "secret of bob")
            #expect(bob?.groups.count == LDAPLimits.groups)
            #expect(log.all.contains { $0.hasPrefix("warning: Somebody is in more groups") })
        }
    }

    @Test("an empty password never signs in, though the directory would let it")
    func emptyPassword() async throws {
        // With this setting OpenLDAP answers a name without a password with success, as Active Directory does.
        try await Sample.withServer {
            $0.global = "allow bind_anon_dn bind_anon_cred"
        } _: { server, threads async throws in
            let pattern = LDAPSettings(url: server.url, userDN: "uid=%s,ou=people,\(SlapdProcess.base)")
            for settings in [Sample.settings(server.url), pattern] {
                let directory = try LDAPAuthenticator(testing: settings, threads)
                for password in ["", "\0", "\0engine-of-ada", "engine-of-ada\0"] {
                    #expect(try await directory.authenticate(userName: "ada", password: password) == nil)
                }
                #expect(try await directory.authenticate(userName: "", password: "engine-of-ada") == nil)
                #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") != nil)
            }
        }
    }

    @Test("whose password was taken away is locked out")
    func locked() async throws {
        try await Sample.withServer { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            #expect(try await directory.authenticate(userName: "locked", password: "anything") == nil)
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") != nil)
            try await server.change("dn: \(Sample.ada)\nchangetype: modify\ndelete: userPassword\n")
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") == nil)
        }
    }

    @Test("a user name of several entries is nobody's, and that is logged")
    func severalMatches() async throws {
        try await Sample.withServer { server, threads async throws in
            let log = LogLines()
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads, log: log)
            #expect(try await directory.authenticate(userName: "twin", password: "secret of twins") == nil)
            let line = try #require(log.all.first { $0.hasPrefix("warning: Several entries") })
            #expect(line.contains("uid=twin,") && line.contains("cn=Other Twin,"))
            let narrow = Sample.settings(server.url, filter: "(&(uid=%s)(cn=Twin))")
            let one = try LDAPAuthenticator(testing: narrow, threads)
            #expect(try await one.authenticate(userName: "twin", password: "secret of twins") != nil)
        }
    }

    @Test("binary identifiers are digits, even when the bytes are letters by chance")
    func binaryIdentifier() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.attributes.identifier = "objectGUID"
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let bob = try await directory.authenticate(userName: "bob", password: "secret of bob")
            #expect(bob?.identifier == "6162636465666768696a6b6c6d6e6f70")
            #expect(bob?.displayName == "Bob")
            // Nobody could say later who this was.
            let error = await #expect(throws: LDAPError.self) {
                try await directory.authenticate(userName: "ada", password: "engine-of-ada")
            }
            #expect(error == .protocol(code: 16, message: "An entry must have one objectGUID."))
        }
    }

    @Test("the account that searches is refused: the administrator is told, and not the person")
    func serviceBindRefused() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.search?.bindPassword = "not-the-readers"
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let error = await #expect(throws: LDAPError.self) {
                try await directory.authenticate(userName: "ada", password: "engine-of-ada")
            }
            #expect(error == .serviceBindRefused("Invalid credentials"))
            let checked = await #expect(throws: LDAPError.self) { try await directory.check() }
            #expect(checked == .serviceBindRefused("Invalid credentials"))
        }
    }

    @Test("a check finds what sign-ins would stumble over")
    func check() async throws {
        try await Sample.withServer { server, threads async throws in
            var settings = Sample.settings(server.url)
            settings.groupSearch = .init(base: "ou=groups,\(SlapdProcess.base)")
            try await LDAPAuthenticator(testing: settings, threads).check()
            let pattern = LDAPSettings(url: server.url, userDN: "uid=%s,ou=people,\(SlapdProcess.base)")
            try await LDAPAuthenticator(testing: pattern, threads).check()
            settings.groupSearch = .init(base: "ou=nowhere,\(SlapdProcess.base)")
            let groups = try LDAPAuthenticator(testing: settings, threads)
            #expect(await code { try await groups.check() } == 32)
            settings.groupSearch = nil
            settings.search?.base = "ou=nowhere,\(SlapdProcess.base)"
            let people = try LDAPAuthenticator(testing: settings, threads)
            #expect(await code { try await people.check() } == 32)
            #expect(await code { _ = try await people.authenticate(userName: "ada", password: "engine-of-ada") } == 32)
            let filter = Sample.settings(server.url, filter: "(uid=%s=(x))(")
            #expect(throws: LDAPSettings.Problem.self) { try filter.validate() }
        }
    }

    @Test("20 people at once sign in, and each is the right one")
    func concurrency() async throws {
        try await Sample.withServer { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            let names = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let isAda = number.isMultiple(of: 2)
                        let password = isAda ? "engine-of-ada" : "secret of bob"
                        // Every fourth one is wrong.
                        let person = try await directory.authenticate(
                            userName: isAda ? "ada" : "bob", password: number % 4 == 3 ? "wrong" : password)
                        return (number, person?.userName)
                    }
                }
                return try await group.reduce(into: [Int: String?]()) { $0[$1.0] = .some($1.1) }
            }
            for number in 0..<20 {
                let expected = number % 4 == 3 ? nil : number.isMultiple(of: 2) ? "ada" : "bob"
                #expect(names[number] == .some(expected), "\(number)")
            }
        }
    }

    private func code(_ body: () async throws -> Void) async -> Int? {
        do {
            try await body()
            return nil
        } catch LDAPError.protocol(let code, _) {
            return code
        } catch {
            return -1000
        }
    }
}
