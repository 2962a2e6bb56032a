import TestSupport
import Testing

@testable import LDAP

/// What is sent to a directory. Active Directory takes names that are no distinguished ones, which OpenLDAP does not.
@Suite("Requests of a sign-in", .timeLimit(.minutes(1)))
struct RequestTests {
    private static let settings = LDAPSettings.Search(base: "dc=corp,dc=example", filter: "(sAMAccountName=%s)")

    @Test("the person binds with the own name, finds the own entry, and the entry takes the password as well")
    func ownName() async throws {
        let asked = Requests()
        try await FakeDirectory.withServer { request in
            asked.add(request)
            return Self.answer(request, password: "engine-of-ada")
        } _: { server, threads async throws in
            let settings = LDAPSettings(
                url: server.url, userDN: "%s@corp.example", search: Self.settings,
                attributes: .init(identifier: "objectGUID"))
            let directory = try LDAPAuthenticator(testing: settings, threads)
            let ada = try await directory.authenticate(userName: "ada", password: "engine-of-ada")
            #expect(ada?.dn == "cn=Ada,dc=corp,dc=example")
            #expect(ada?.identifier == "00ff")
            #expect(ada?.userName == "Ada")
            #expect(asked.all.map(\.operation) == [.bind, .search, .bind])
            #expect(asked.all.first?.text.contains("ada@corp.example") == true)
        }
    }

    @Test("a name that leads to somebody else's entry is of no use without that one's password")
    func otherEntry() async throws {
        try await FakeDirectory.withServer { request in
            // The logon name of one is like the account name of another one, and both are in the directory.
            if request.operation == .bind, request.text.contains("@corp.example") {
                return [.reply(to: request, code: 0)]
            }
            return Self.answer(request, password: "of somebody else")
        } _: { server, threads async throws in
            let settings = LDAPSettings(url: server.url, userDN: "%s@corp.example", search: Self.settings)
            let directory = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await directory.authenticate(userName: "ada", password: "engine-of-ada") == nil)
        }
    }

    @Test(
        "a name with what separates names is not sent",
        arguments: ["ada@evil.example", #"EVIL\ada"#, "cn=ada", "a,b", "a/b", "a*", "a\nb", "a;b", "<GUID=1>"])
    func separators(name: String) async throws {
        let asked = Requests()
        try await FakeDirectory.withServer { request in
            asked.add(request)
            return [.reply(to: request, code: 0)]
        } _: { server, threads async throws in
            let settings = LDAPSettings(url: server.url, userDN: "%s@corp.example", search: Self.settings)
            let directory = try LDAPAuthenticator(testing: settings, threads)
            #expect(try await directory.authenticate(userName: name, password: "engine-of-ada") == nil)
            #expect(asked.all.isEmpty)
        }
    }

    @Test("a user name that nobody has costs a bind as well, which takes no password of anybody to the server")
    func unknown() async throws {
        let asked = Requests()
        try await FakeDirectory.withServer { request in
            asked.add(request)
            return [.reply(to: request, code: asked.all.count == 3 ? 49 : 0)]
        } _: { server, threads async throws in
            let directory = try LDAPAuthenticator(testing: Sample.settings(server.url), threads)
            #expect(try await directory.authenticate(userName: "nobody", password: "engine-of-ada") == nil)
            #expect(asked.all.map(\.operation) == [.bind, .search, .bind])
            #expect(!asked.all.contains { $0.text.contains("engine-of-ada") })
        }
    }

    private static func answer(_ request: FakeDirectory.Request, password: String) -> [FakeDirectory.Answer] {
        guard request.operation == .search else {
            return [.reply(to: request, code: request.text.contains(password) ? 0 : 49, message: "data 52e")]
        }
        let attributes: [(name: String, value: [UInt8])] = [
            ("objectGUID", [0, 255]), ("sAMAccountName", Array("Ada".utf8)),
        ]
        return [
            .entry(to: request, dn: "cn=Ada,dc=corp,dc=example", attributes: attributes), .reply(to: request, code: 0),
        ]
    }
}
