import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// A provider that does wrong, or does not do.
@Suite("Mistakes of an OpenID provider")
struct MistakeTests {
    /// Short, for what never comes.
    private static let impatient = OIDCProvider.Times(request: .milliseconds(400))

    @Test("every mistake is refused with the right kind of error, and the next sign-in works")
    func mistakes() async throws {
        let expected: KeyValuePairs<String, OIDCError> = [
            "wrong-nonce": .flaw(.nonce), "no-nonce": .flaw(.nonce), "wrong-aud": .flaw(.audience),
            "wrong-azp": .flaw(.party), "wrong-iss": .flaw(.issuer), "expired": .flaw(.expired),
            "not-yet": .flaw(.issuedAt), "alg-none": .flaw(.algorithm), "alg-none-signed": .flaw(.algorithm),
            "hs256-public-key": .flaw(.algorithm), "foreign-key": .flaw(.signature),
            "missing-kid": .flaw(.missingKeyID), "unknown-kid": .flaw(.unknownKey),
            "wrong-at-hash": .flaw(.accessTokenHash), "no-id-token": .flaw(.missing),
            "id-token-number": .flaw(.missing), "bad-error": .refused(code: "unknown"), "error-500": .unreachable,
            "away": .unreachable, "redirect": .discovery(reason: "an endpoint redirects"),
            "huge": .discovery(reason: "an answer is too large"),
            "not-json": .discovery(reason: "an answer is not one JSON object"),
        ]
        try await SignIn.withProvider { signIn in
            for (mistake, error) in expected {
                try await signIn.mistake(mistake)
                #expect(await failure { try await signIn.identity() } == error, "\(mistake)")
            }
            try await signIn.mistake("")
            #expect(try await signIn.identity().subject == "sub-ada")
            #expect(try await signIn.count("/elsewhere") == 0)
        }
    }

    @Test("a provider that does not answer, or not to the end, is not waited for", arguments: ["slow", "drip"])
    func slow(mistake: String) async throws {
        try await SignIn.withProvider(times: Self.impatient) { signIn in
            for place in ["token", "keys", "discovery"] {
                try await signIn.mistake("")
                let attempt = OIDCAttempt()
                let answer = try await signIn.comeBack(attempt)
                if place == "discovery" {
                    // The description is kept from the redirect on, unless something failed.
                    try await signIn.mistake("error-500")
                    #expect(await failure { try await signIn.identity(attempt, answer) } == .unreachable)
                }
                try await signIn.mistake("\(mistake):\(place)")
                let start = ContinuousClock.now
                #expect(await failure { try await signIn.identity(attempt, answer) } == .timedOut, "\(place)")
                #expect(ContinuousClock.now - start < .seconds(4), "\(place)")
            }
        }
    }

    @Test("a description or keys that can't be used are refused")
    func descriptions() async throws {
        let descriptions = [
            #"{"authorization_endpoint": null}"#, #"{"token_endpoint": "ftp://127.0.0.1/token"}"#,
            #"{"jwks_uri": "http://keys.example.org/"}"#, #"{"userinfo_endpoint": 1}"#,
            #"{"authorization_endpoint": "javascript:alert(1)"}"#, #"{"response_types_supported": ["id_token"]}"#,
            #"{"code_challenge_methods_supported": ["plain"]}"#,
            #"{"id_token_signing_alg_values_supported": ["none", "HS256"]}"#,
            #"{"token_endpoint_auth_methods_supported": ["private_key_jwt"]}"#,
            #"{"token_endpoint": "https://user:password@127.0.0.1/token"}"#,
        ]
        try await SignIn.withProvider { signIn in
            for description in descriptions {
                try await signIn.control("description", description)
                #expect(await failure { try await signIn.identity() }?.kind == "discovery", "\(description)")
            }
            try await signIn.control("description", "{}")
            for mistake in ["issuer-mismatch", "huge:discovery", "not-json:discovery", "redirect:discovery"] {
                try await signIn.mistake(mistake)
                #expect(await failure { try await signIn.identity() }?.kind == "discovery", "\(mistake)")
            }
            for mistake in ["huge:keys", "not-json:keys", "redirect:keys"] {
                try await signIn.mistake(mistake)
                #expect(await failure { try await signIn.identity() }?.kind == "discovery", "\(mistake)")
            }
            try await signIn.mistake("")
            #expect(try await signIn.identity().subject == "sub-ada")
        }
    }

    @Test("a provider that is away is unreachable")
    func away() async throws {
        let settings = OIDCSettings(issuer: "http://127.0.0.1:\(try await freePort())", clientID: "parley")
        let provider = try OIDCProvider(settings, logger: SignIn.quiet)
        let error = await failure {
            try await provider.authorizationURL(OIDCAttempt(), redirectURI: SignIn.redirectURI)
        }
        #expect(error == .unreachable)
        try await SignIn.withProvider { signIn in
            let attempt = OIDCAttempt()
            let answer = try await signIn.comeBack(attempt)
            await signIn.process.stop()
            #expect(await failure { try await signIn.identity(attempt, answer) } == .unreachable)
        }
    }

    @Test("no error says anything of the secret, the code or the attempt")
    func secrets() async throws {
        try await SignIn.withProvider { signIn in
            let attempt = OIDCAttempt()
            for mistake in ["wrong-nonce", "foreign-key", "bad-error", "error-500", "not-json"] {
                let answer = try await signIn.comeBack(attempt)
                try await signIn.mistake(mistake)
                let error = try #require(await failure { try await signIn.identity(attempt, answer) })
                let text = "\(error) \(String(reflecting: error))"
                let hidden = [SignIn.secret, answer["code"], attempt.nonce, attempt.verifier, attempt.state]
                for part in hidden.compactMap(\.self) { #expect(!text.contains(part)) }
            }
        }
    }
}
