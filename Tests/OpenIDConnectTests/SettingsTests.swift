import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Settings of an OpenID provider")
struct SettingsTests {
    private let good = OIDCSettings(
        issuer: "https://id.example.org/realms/a", clientID: "parley", clientSecret: "secret")

    private func field(_ change: (inout OIDCSettings) -> Void) -> OIDCError? {
        var settings = good
        change(&settings)
        do throws(OIDCError) {
            try settings.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test("good ones are accepted")
    func accepted() {
        #expect(field { _ in } == nil)
        #expect(field { $0.clientSecret = nil } == nil)
        #expect(field { $0.claims.groups = "https://example.org/claims/groups" } == nil)
        for issuer in [
            "https://id.example.org", "https://id.example.org:8443/", "http://localhost:8080", "http://127.0.0.1:1",
            "http://127.9.8.7", "http://[::1]:8080/a", "https://[2001:db8::1]/",
        ] {
            #expect(field { $0.issuer = issuer } == nil, "\(issuer)")
        }
    }

    @Test(
        "issuers that must not be asked are refused",
        arguments: [
            "", "id.example.org", "https://", "https:///a", "http://id.example.org", "http://10.0.0.1",
            "http://127.0.0.1.example.org", "http://127.1", "http://127.0.0.256", "http://127.0.0.01",
            "http://0x7f.0.0.1",
            "http://localhost.example.org", "http://localhost%2eexample.org", "http://[::2]", "ftp://localhost",
            "https://user@id.example.org", "https://user:password@id.example.org", "https://id.example.org/?a=b",
            "https://id.example.org?", "https://id.example.org/#a", "https://id.example.org/ a",
            "https://id.example.org\n",
            "https://bücher.example", "https://id.example.org:0", "https://id.example.org:65536",
            "javascript:alert(1)",
            "https://id.example.org/" + String(repeating: "a", count: 2_048), "https://id.example.org/\u{0}",
        ])
    func issuers(issuer: String) {
        #expect(field { $0.issuer = issuer } == .settings(.issuer))
        #expect(throws: OIDCError.settings(.issuer)) {
            try OIDCProvider(OIDCSettings(issuer: issuer, clientID: "a"), logger: SignIn.quiet)
        }
    }

    @Test("every other field that is wrong is named")
    func fields() {
        for text in ["", "a\nb", "é", String(repeating: "a", count: 513)] {
            #expect(field { $0.clientID = text } == .settings(.clientID))
        }
        for text in ["", "a\u{7F}", String(repeating: "a", count: 1_025)] {
            #expect(field { $0.clientSecret = text } == .settings(.clientSecret))
        }
        for scopes in [[], ["profile"], ["openid", ""], ["openid", "a b"], ["openid", "\""], ["openid", "é"]] {
            #expect(field { $0.scopes = scopes } == .settings(.scopes))
        }
        #expect(field { $0.scopes = Array(repeating: "openid", count: 33) } == .settings(.scopes))
        for path in ["", ".", "a.", ".a", "a..b", "a\nb", "a.b.c.d.e.f.g.h.i", String(repeating: "a", count: 257)] {
            #expect(field { $0.claims.userName = path } == .settings(.userName))
            #expect(field { $0.claims.displayName = path } == .settings(.displayName))
            #expect(field { $0.claims.email = path } == .settings(.email))
            #expect(field { $0.claims.groups = path } == .settings(.groups))
        }
    }

    @Test("JSON may leave out everything that has a default")
    func json() throws {
        let short = #"{"issuer":"https://id.example.org","clientID":"parley","claims":{"groups":"realm_access.roles"}}"#
        let settings = try JSONDecoder().decode(OIDCSettings.self, from: Data(short.utf8))
        #expect(settings.scopes == ["openid", "profile", "email"] && settings.clientSecret == nil)
        #expect(settings.claims == .init(groups: "realm_access.roles") && settings.claims.email == "email")
        #expect(try JSONDecoder().decode(OIDCSettings.self, from: try JSONEncoder().encode(good)) == good)
    }

    @Test("neither settings nor attempts tell their secrets to a log")
    func logs() {
        var dumped = ""
        dump(good, to: &dumped)
        #expect(!"\(good) \(String(reflecting: good)) \(dumped)".contains("secret"))
        let attempt = OIDCAttempt()
        dump(attempt, to: &dumped)
        let text = "\(attempt) \(String(reflecting: attempt)) \(dumped)"
        for part in [attempt.state, attempt.nonce, attempt.verifier] { #expect(!text.contains(part)) }
    }
}

@Suite("Attempts to sign in")
struct AttemptTests {
    @Test("each part of each attempt is 256 bits that were never there before")
    func unique() {
        let parts = (1...500).flatMap { _ in
            let attempt = OIDCAttempt()
            return [attempt.state, attempt.nonce, attempt.verifier]
        }
        #expect(Set(parts).count == 1_500)
        #expect(parts.allSatisfy { Base64URL.decode($0)?.count == 32 })
    }

    @Test("an attempt that was kept is the same, and one that was made up is refused")
    func kept() throws {
        let attempt = OIDCAttempt()
        let json = try JSONEncoder().encode(attempt)
        #expect(try JSONDecoder().decode(OIDCAttempt.self, from: json) == attempt)
        #expect(attempt.isAnswered(by: attempt.state))
        for state in ["", attempt.nonce, attempt.state + "A", String(attempt.state.dropLast())] {
            #expect(!attempt.isAnswered(by: state))
        }
        let short = String(decoding: json, as: UTF8.self).replacing(attempt.verifier, with: "AAAA")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(OIDCAttempt.self, from: Data(short.utf8)) }
    }
}
