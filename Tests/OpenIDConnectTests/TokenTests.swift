import Crypto
import Foundation
import JWTKit
import ServiceKit
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Checking ID tokens")
struct TokenTests {
    private let maker: TokenMaker

    init() throws { maker = try TokenMaker() }

    private func flaw(_ token: String, now: Date = TokenMaker.now) async -> OIDCError? {
        await failure { try await maker.check(token, now: now) }
    }

    @Test(
        "a right token is accepted",
        arguments: [
            TokenMaker.claims(), TokenMaker.claims(["at_hash": ""]), TokenMaker.claims(["aud": #"["parley"]"#]),
            TokenMaker.claims(["aud": #"["other","parley"]"#, "azp": #""parley""#]),
            TokenMaker.claims(["nbf": "1700000029.5", "iat": "1700000030", "exp": "1700000030"]),
            TokenMaker.claims(["exp": "1699999971", "iat": "1699999000"]), TokenMaker.claims(["exp": "1e10"]),
            TokenMaker.claims(["groups": #"[1,null,{"a":[true]}]"#]),
        ])
    func right(claims: String) async throws {
        #expect(try await maker.check(maker.token(claims: claims)) == "sub-1")
    }

    private typealias Change = (KeyValuePairs<String, String>, TokenFlaw)

    @Test("a token with a wrong claim is refused")
    func claims() async throws {
        let changes: [Change] = [
            (["iss": ""], .issuer), (["iss": #""https://id.example.org/""#], .issuer), (["iss": "1"], .issuer),
            (["iss": #"["https://id.example.org"]"#], .issuer), (["iss": #""HTTPS://id.example.org""#], .issuer),
            (["aud": ""], .audience), (["aud": #""Parley""#], .audience), (["aud": "[]"], .audience),
            (["aud": #"["other"]"#], .audience), (["aud": #"["parley",1]"#], .audience), (["aud": "null"], .audience),
            (["aud": #"["parley","other"]"#], .party), (["azp": #""other""#], .party), (["azp": "null"], .party),
            (["aud": #"["parley","other"]"#, "azp": #""other""#], .party),
            (["exp": ""], .expired), (["exp": "1699999970"], .expired), (["exp": #""1800000000""#], .expired),
            (["exp": "null"], .expired), (["exp": "-1e300"], .expired), (["exp": "true"], .expired),
            (["iat": ""], .issuedAt), (["iat": "1700000031", "exp": "1800000000"], .issuedAt),
            (["iat": "1700000010", "exp": "1700000000"], .issuedAt), (["iat": "-1"], .issuedAt),
            (["iat": #""1700000000""#], .issuedAt), (["iat": "1e300"], .issuedAt),
            (["nbf": "1700000031"], .notBefore), (["nbf": #""0""#], .notBefore), (["nbf": "null"], .notBefore),
            (["nonce": ""], .nonce), (["nonce": #""a-noncE""#], .nonce), (["nonce": #""a-nonce ""#], .nonce),
            (["nonce": "null"], .nonce), (["nonce": #""""#], .nonce),
            (["at_hash": #""AAAAAAAAAAAAAAAAAAAAAA""#], .accessTokenHash), (["at_hash": "1"], .accessTokenHash),
            (["at_hash": #""""#], .accessTokenHash), (["at_hash": "null"], .accessTokenHash),
            (["sub": ""], .subject), (["sub": #""""#], .subject), (["sub": "7"], .subject),
            (["sub": #""a\u0000b""#], .subject), (["sub": #""é""#], .subject),
            (["sub": "\"\(String(repeating: "a", count: 256))\""], .subject),
        ]
        for (change, expected) in changes {
            #expect(await flaw(try maker.token(claims: TokenMaker.claims(change))) == .flaw(expected), "\(change)")
        }
    }

    @Test("a token with a wrong header is refused")
    func headers() async throws {
        let headers: KeyValuePairs<String, TokenFlaw> = [
            #"{"kid":"one"}"#: .algorithm, #"{"alg":"none","kid":"one"}"#: .algorithm,
            #"{"alg":"None","kid":"one"}"#: .algorithm, #"{"alg":"es256","kid":"one"}"#: .algorithm,
            #"{"alg":"HS256","kid":"one"}"#: .algorithm, #"{"alg":"ES384","kid":"one"}"#: .algorithm,
            #"{"alg":"RS1","kid":"one"}"#: .algorithm, #"{"alg":["ES256"],"kid":"one"}"#: .algorithm,
            #"{"alg":"RS256","kid":"one"}"#: .algorithm, #"{"alg":"ES256","kid":"two"}"#: .algorithm,
            #"{"alg":"RS256","kid":"two"}"#: .signature, #"{"alg":"PS256","kid":"two"}"#: .signature,
            #"{"alg":"ES256"}"#: .missingKeyID, #"{"alg":"ES256","kid":1}"#: .header,
            #"{"alg":"ES256","kid":null}"#: .header, #"{"alg":"ES256","kid":"One"}"#: .unknownKey,
            #"{"alg":"ES256","kid":""}"#: .unknownKey, #"{"alg":"ES256","kid":"../one"}"#: .unknownKey,
            #"{"alg":"ES256","kid":"one","crit":["exp"]}"#: .header, #"{"alg":"ES256","kid":"one","crit":[]}"#: .header,
            #"{"alg":"ES256","kid":"one","b64":false,"crit":["b64"]}"#: .header,
            #"{"alg":"ES256","kid":"one","typ":"at+jwt"}"#: .header, #"{"alg":"ES256","kid":"one","typ":1}"#: .header,
            #"{"alg":"ES256","kid":"one","alg":"ES256"}"#: .malformed, #"[]"#: .malformed, #""#: .malformed,
            #"{"alg":"ES256","kid":"one"}{}"#: .malformed, #"{"alg":"ES256","kid":"one",}"#: .malformed,
        ]
        for (header, expected) in headers {
            #expect(await flaw(try maker.token(header: header)) == .flaw(expected), "\(header)")
        }
    }

    @Test("a token whose text is changed after it was signed is refused")
    func texts() async throws {
        let token = try maker.token()
        let parts = token.split(separator: ".").map(String.init)
        let other = try TokenMaker()
        let long = String(repeating: "a", count: 65_536)
        let high = Data(parts[2].utf8.reversed())
        let changed: KeyValuePairs<String, TokenFlaw> = [
            "": .malformed, ".": .malformed, "..": .malformed, parts[0]: .malformed,
            "\(parts[0]).\(parts[1])": .malformed,
            "\(parts[0]).\(parts[1]).": .malformed, "\(token).": .malformed, "\(token).\(parts[2])": .malformed,
            ".\(token)": .malformed, " \(token)": .malformed, "\(token)\n": .malformed, "\(token)=": .malformed,
            "\(parts[0])..\(parts[2])": .malformed, "e30.\(parts[1]).\(parts[2])": .algorithm,
            "\(parts[0]).e30.\(parts[2])": .signature, "\(parts[0]).W10.\(parts[2])": .malformed,
            "\(parts[0]).\(parts[1]).AA": .signature,
            "\(parts[0]).\(parts[1]).\(String(repeating: "A", count: 86))": .signature,
            "\(parts[0]).\(parts[1]).\(Base64URL.encode(high))": .signature,
            "\(parts[0]).\(Base64URL.encode(TokenMaker.claims(["sub": #""sub-2""#]).utf8)).\(parts[2])": .signature,
            "\(Base64URL.encode((TokenMaker.header + " ").utf8)).\(parts[1]).\(parts[2])": .signature,
            try other.token(): .signature,
            try maker.token(claims: #"{"iss":"a","iss":"b"}"#): .malformed,
            try maker.token(claims: String(repeating: "[", count: 10_000)): .malformed,
            try maker.token(claims: TokenMaker.claims(["x": "\"\(long)\""])): .malformed,
            try maker.token(claims: "{\"iss\":\"\u{FFFD}") + "\u{E9}": .malformed,
        ]
        for (text, expected) in changed {
            #expect(await flaw(text) == .flaw(expected), "\(text.prefix(200))")
        }
    }

    @Test("no single changed character of a token is overlooked")
    func everyCharacter() async throws {
        let token = Array(try maker.token().utf8)
        for index in token.indices {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(await flaw(String(decoding: changed, as: UTF8.self))?.kind == "tokenInvalid", "at \(index)")
        }
    }

    @Test("RSA tokens are accepted in the way they are signed only")
    func rsa() async throws {
        let signed =
            "\(Base64URL.encode(#"{"alg":"RS256","kid":"two"}"#.utf8)).\(Base64URL.encode(TokenMaker.claims().utf8))"
        let collection = JWTKeyCollection()
        await collection.add(rsa: maker.rsa, digestAlgorithm: .sha256)
        let signature = try await collection.getKey().sign(Data(signed.utf8))
        #expect(try await maker.check("\(signed).\(Base64URL.encode(signature))") == "sub-1")
        let pss = JWTKeyCollection()
        await pss.add(pss: maker.rsa, digestAlgorithm: .sha256)
        let other = try await pss.getKey().sign(Data(signed.utf8))
        #expect(await flaw("\(signed).\(Base64URL.encode(other))") == .flaw(.signature))
    }

    @Test("an access token that is not there can't have the right hash")
    func missingAccessToken() throws {
        let rules = IDTokenRules(
            issuer: "https://id.example.org", clientID: "parley", nonce: "a-nonce", accessToken: nil)
        let claims = try #require(ClaimSet(json: Array(TokenMaker.claims().utf8)))
        #expect(throws: OIDCError.flaw(.accessTokenHash)) { try rules.check(claims, now: TokenMaker.now) }
    }
}
