import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Claims about a person")
struct ClaimTests {
    private func claims(_ json: String) throws -> ClaimSet { try #require(ClaimSet(json: Array(json.utf8))) }

    @Test("claims are found by their name, and else by a path into objects")
    func paths() throws {
        let claims = try claims(
            """
            {"a": "1", "b": {"c": "2", "d.e": {"f": "3"}, "g": {"h": null}}, "https://x.org/groups": ["4"], "b.c": "5",
             "i.j": {"k": "6"}, "i": {"l": "7"}, "m": [{"n": "8"}]}
            """)
        let expected = [
            "a": "1", "b.c": "5", "b.d.e.f": "3", "i.j.k": "6", "i.l": "7", "b.d": nil, "b.g.h": nil, "m.n": nil,
            "a.b": nil,
            "z": nil, "b": nil,
        ]
        for (path, value) in expected { #expect(claims.text(at: path) == value, "\(path)") }
        #expect(claims.texts(at: "https://x.org/groups") == ["4"])
    }

    @Test("groups are a list of texts or one, each once; what is no text is left out")
    func groups() throws {
        let claims = try claims(
            #"{"a": ["x", 1, "y", "x", "", " ", "a\u0000", {"z": 1}], "b": "one", "c": [], "d": {}, "e": 5, "f": ""}"#)
        let expected = ["a": ["x", "y"], "b": ["one"], "c": [], "d": nil, "e": nil, "f": []]
        for (path, value) in expected { #expect(claims.texts(at: path) == value, "\(path)") }
    }

    @Test("texts that are blank, too long or have control characters count as missing")
    func texts() throws {
        let long = String(repeating: "a", count: 1_025)
        let claims = try claims(#"{"a": "", "b": " \t", "c": "x\ny", "d": "\#(long)", "e": "Zoë 🎈", "f": true}"#)
        for name in ["a", "b", "c", "d", "f"] { #expect(claims.text(at: name) == nil, "\(name)") }
        #expect(claims.text(at: "e") == "Zoë 🎈")
    }

    @Test("an address is verified only if the provider says so of this very address")
    func email() throws {
        let settings = OIDCSettings(issuer: "https://id.example.org", clientID: "parley")
        func isVerified(_ token: String, _ userInfo: String = "{}", claim: String = "email") throws -> Bool {
            var settings = settings
            settings.claims.email = claim
            return OIDCIdentity(
                settings: settings, subject: "1", token: try claims(token), userInfo: try claims(userInfo)
            ).isEmailVerified
        }
        #expect(try isVerified(#"{"email": "a@b.c", "email_verified": true}"#))
        #expect(try isVerified(#"{"email": "a@b.c", "email_verified": "true"}"#))
        #expect(try isVerified(#"{"email": "a@b.c"}"#, #"{"email": "a@b.c", "email_verified": true}"#))
        #expect(try isVerified(#"{"upn": "a@b.c", "email": "a@b.c", "email_verified": true}"#, claim: "upn"))
        #expect(try !isVerified(#"{"email": "a@b.c"}"#))
        #expect(try !isVerified(#"{"email": "a@b.c", "email_verified": 1}"#))
        #expect(try !isVerified(#"{"email": "a@b.c", "email_verified": false}"#))
        #expect(try !isVerified(#"{"email_verified": true}"#))
        #expect(try !isVerified(#"{"email": "a@b.c"}"#, #"{"email": "x@y.z", "email_verified": true}"#))
        #expect(try !isVerified(#"{"upn": "a@b.c", "email": "x@y.z", "email_verified": true}"#, claim: "upn"))
    }

    @Test(
        "JSON that is not one object with each name once is no set of claims",
        arguments: ["", "[]", "1", "{", #"{"a":1,"a":1}"#, #"{"a":1}{}"#, #"{"a":1e999}"#, #"{"a":"\ud800"}"#])
    func strict(json: String) {
        #expect(ClaimSet(json: Array(json.utf8)) == nil)
    }
}
