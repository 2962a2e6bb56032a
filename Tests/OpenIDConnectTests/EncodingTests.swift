import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("What is sent to a provider")
struct EncodingTests {
    @Test("forms escape everything but the unreserved characters")
    func forms() {
        #expect(FormText.encode("azAZ09-._~") == "azAZ09-._~")
        #expect(FormText.encode(" +&=%/?:#é\n") == "%20%2B%26%3D%25%2F%3F%3A%23%C3%A9%0A")
        #expect(FormText.encode(["a b": "c&d", "e": ""]) == "a%20b=c%26d&e=")
    }

    @Test("more is added to a query that may be there")
    func queries() throws {
        let expected = [
            "https://a.example": "https://a.example?x=1", "https://a.example/b?": "https://a.example/b?x=1",
            "https://a.example/b?c=d": "https://a.example/b?c=d&x=1",
            "https://a.example/?c&": "https://a.example/?c&x=1",
        ]
        for (address, result) in expected { #expect(try #require(WebAddress(address)).adding("x=1") == result) }
    }

    @Test("a provider is asked for its description below its issuer")
    func description() {
        let address = "https://id.example.org/realms/a/.well-known/openid-configuration"
        #expect(ProviderDescription.address(issuer: "https://id.example.org/realms/a")?.text == address)
        #expect(ProviderDescription.address(issuer: "https://id.example.org/realms/a/")?.text == address)
    }

    @Test("a provider elsewhere can't lead requests to this machine")
    func endpoints() {
        let json = """
            {"issuer": "https://id.example.org", "authorization_endpoint": "https://id.example.org/a",
            "token_endpoint": "http://127.0.0.1:9101/internal", "jwks_uri": "https://id.example.org/k"}
            """
        let settings = OIDCSettings(issuer: "https://id.example.org", clientID: "parley")
        #expect(throws: OIDCError.discovery(reason: "an endpoint is missing or not acceptable")) {
            try ProviderDescription(.init(status: 200, body: Array(json.utf8)), settings: settings)
        }
    }

    @Test("error codes of a provider are taken only when they are plain")
    func refusals() {
        #expect(OIDCError.refusal("invalid_grant") == .refused(code: "invalid_grant"))
        for code in [nil, "", "a b", "<b>", "a\n", "é", String(repeating: "a", count: 65)] {
            #expect(OIDCError.refusal(code) == .refused(code: "unknown"))
        }
    }
}
