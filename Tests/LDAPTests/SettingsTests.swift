import Foundation
import Testing

@testable import LDAP

@Suite("Settings of a directory")
struct SettingsTests {
    private static let search = LDAPSettings.Search(base: "dc=example,dc=org")

    @Test(
        "what can be used is accepted",
        arguments: [
            LDAPSettings(url: "ldaps://ldap.example.org", search: search),
            LDAPSettings(url: "LDAPS://ldap.example.org:3269/", search: search),
            LDAPSettings(url: "ldap://ldap.example.org", startTLS: true, search: search),
            LDAPSettings(url: "ldap://localhost", search: search),
            LDAPSettings(url: "ldap://127.0.0.2:1389", search: search),
            LDAPSettings(url: "ldap://[::1]:1389", search: search),
            LDAPSettings(url: "ldaps://[2001:db8::1]", search: search),
            LDAPSettings(url: "ldaps://a", userDN: "uid=%s,ou=people,dc=example,dc=org"),
            LDAPSettings(url: "ldaps://a", userDN: "%s@corp.example", search: search),
            LDAPSettings(url: "ldaps://a", userDN: #"CORP\%s"#, search: search),
            LDAPSettings(
                url: "ldaps://a", search: .init(base: "dc=a", bindDN: "reader@corp.example", bindPassword: "x")),
            LDAPSettings(
                url: "ldaps://a", search: search,
                groupSearch: .init(base: "dc=a", filter: "(member:1.2.840.113556.1.4.1941:=%d)")),
        ])
    func good(settings: LDAPSettings) throws {
        try settings.validate()
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("url", LDAPSettings(url: "ldap.example.org", search: search)),
            ("url", LDAPSettings(url: "http://ldap.example.org", search: search)),
            ("url", LDAPSettings(url: "ldapi:///run/slapd", search: search)),
            ("url", LDAPSettings(url: "ldaps://", search: search)),
            ("url", LDAPSettings(url: "ldaps://a:0", search: search)),
            ("url", LDAPSettings(url: "ldaps://a:65536", search: search)),
            ("url", LDAPSettings(url: "ldaps://a:+1", search: search)),
            ("url", LDAPSettings(url: "ldaps://a:", search: search)),
            ("url", LDAPSettings(url: "ldaps://user@a", search: search)),
            ("url", LDAPSettings(url: "ldaps://a ldap://b", search: search)),
            ("url", LDAPSettings(url: "ldaps://a/dc=example??sub", search: search)),
            ("url", LDAPSettings(url: "ldaps://[::1", search: search)),
            ("url", LDAPSettings(url: "ldaps://[a]", search: search)),
            ("url", LDAPSettings(url: "ldaps://a\0b", search: search)),
            // In clear over a network.
            ("url", LDAPSettings(url: "ldap://ldap.example.org", search: search)),
            ("url", LDAPSettings(url: "ldap://127.example.org", search: search)),
            ("url", LDAPSettings(url: "ldap://10.0.0.1", search: search)),
            ("url", LDAPSettings(url: "ldap://[2001:db8::1]", search: search)),
            ("startTLS", LDAPSettings(url: "ldaps://a", startTLS: true, search: search)),
            ("search", LDAPSettings(url: "ldaps://a")),
            ("search", LDAPSettings(url: "ldaps://a", userDN: "%s@corp.example")),
            ("search", LDAPSettings(url: "ldaps://a", userDN: "uid=%s,dc=a", search: search)),
            ("userDN", LDAPSettings(url: "ldaps://a", userDN: "uid=ada,dc=a")),
            ("userDN", LDAPSettings(url: "ldaps://a", userDN: "uid=%s,cn=%s,dc=a")),
            ("userDN", LDAPSettings(url: "ldaps://a", userDN: "uid=%s,,=")),
            ("userDN", LDAPSettings(url: "ldaps://a", userDN: "uid=%s,dc=a\0")),
            ("search.base", LDAPSettings(url: "ldaps://a", search: .init(base: ""))),
            ("search.base", LDAPSettings(url: "ldaps://a", search: .init(base: "example.org"))),
            ("search.filter", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", filter: "(uid=ada)"))),
            ("search.filter", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", filter: "uid=%s"))),
            ("search.filter", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", filter: "(uid=%s"))),
            ("search.filter", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", filter: "(uid=%s)(a=b)"))),
            ("search.filter", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", filter: "(a=%s%d)"))),
            ("search.bindDN", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", bindPassword: "x"))),
            (
                "search.bindDN",
                LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", bindDN: "", bindPassword: "x"))
            ),
            ("search.bindPassword", LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", bindDN: "cn=a"))),
            (
                "search.bindPassword",
                LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a", bindDN: "cn=a", bindPassword: ""))
            ),
            (
                "search.bindDN",
                LDAPSettings(
                    url: "ldaps://a", userDN: "%s@a", search: .init(base: "dc=a", bindDN: "cn=a", bindPassword: "x"))
            ),
            ("attributes.email", LDAPSettings(url: "ldaps://a", search: search, attributes: .init(email: "mail)"))),
            (
                "attributes.identifier",
                LDAPSettings(url: "ldaps://a", search: search, attributes: .init(identifier: ""))
            ),
            ("groupSearch.base", LDAPSettings(url: "ldaps://a", search: search, groupSearch: .init(base: ""))),
            (
                "groupSearch.filter",
                LDAPSettings(url: "ldaps://a", search: search, groupSearch: .init(base: "dc=a", filter: "(a=b)"))
            ),
            ("certificateAuthorities", LDAPSettings(url: "ldaps://a", certificateAuthorities: "", search: search)),
            (
                "certificateAuthorities",
                LDAPSettings(
                    url: "ldaps://a",
                    certificateAuthorities: "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", search: search)
            ),
            (
                "certificateAuthorities",
                LDAPSettings(url: "ldaps://a", certificateAuthorities: "-----BEGIN PRIVATE KEY-----", search: search)
            ),
        ])
    func bad(field: String, settings: LDAPSettings) {
        let problem = #expect(throws: LDAPSettings.Problem.self) { try settings.validate() }
        #expect(problem?.field == field, "\(problem?.message ?? "")")
    }

    @Test("JSON may leave out what has a default, and is read as it was written")
    func json() throws {
        let text = #"{"url": "ldaps://a", "search": {"base": "dc=a"}, "groupSearch": {"base": "dc=b"}}"#
        let settings = try JSONDecoder().decode(LDAPSettings.self, from: Data(text.utf8))
        #expect(
            settings
                == LDAPSettings(url: "ldaps://a", search: .init(base: "dc=a"), groupSearch: .init(base: "dc=b")))
        #expect(settings.search?.filter == "(|(uid=%s)(sAMAccountName=%s))")
        #expect(settings.attributes.groups == "memberOf")
        var changed = settings
        changed.attributes.groups = nil
        changed.search?.bindDN = "cn=a"
        changed.search?.bindPassword = "secret"
        for value in [settings, changed] {
            #expect(try JSONDecoder().decode(LDAPSettings.self, from: JSONEncoder().encode(value)) == value)
        }
    }

    @Test("a password of the settings is not printed")
    func secrecy() throws {
        let search = LDAPSettings.Search(base: "dc=a", bindDN: "cn=a", bindPassword: "swordfish")
        let settings = LDAPSettings(url: "ldaps://a", search: search)
        var dumped = ""
        dump(settings, to: &dumped)
        dump(search, to: &dumped)
        dump(try LDAPAuthenticator(settings, threads: LDAPThreads()), to: &dumped)
        #expect(!"\(settings)\(search)\(dumped)\(String(reflecting: settings))".contains("swordfish"))
    }
}
