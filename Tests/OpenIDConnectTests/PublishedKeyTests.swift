import Crypto
import Foundation
import JWTKit
import ServiceKit
import TestSupport
import Testing

@testable import OpenIDConnect

@Suite("Keys that providers publish")
struct PublishedKeyTests {
    private func keySet(_ keys: String, status: Int = 200) throws -> KeySet {
        try KeySet(.init(status: status, body: Array(keys.utf8)))
    }

    @Test(
        "sets without an acceptable key are refused",
        arguments: [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]}"#, #"{"keys":[1,null,[],"a"]}"#,
            #"{"keys":[{"kty":"oct","k":"AAAA","kid":"one"}]}"#, #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#,
            #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"short"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}"#,
        ])
    func unacceptable(keys: String) {
        #expect(throws: OIDCError.self) { try keySet(keys) }
    }

    @Test("keys for other uses, or that are too weak or too large, are left out")
    func leftOut() throws {
        let x = Base64URL.encode(P256.Signing.PrivateKey().publicKey.rawRepresentation.prefix(32))
        let curve = #""kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)""#
        func modulus(_ bytes: Int) -> String { Base64URL.encode(Array(repeating: UInt8(0xFF), count: bytes)) }
        func isTaken(_ key: String) -> Bool { (try? keySet(#"{"keys":[{\#(key)}]}"#)) != nil }
        #expect(isTaken(curve) && isTaken(curve + #","key_ops":["verify"],"use":"sig","alg":"ES256","x5c":[1]"#))
        #expect(!isTaken(curve + #","use":"enc""#) && !isTaken(curve + #","key_ops":["encrypt"]"#))
        #expect(!isTaken(curve + #","kid":1"#) && !isTaken(curve + #","alg":null"#))
        #expect(isTaken(#""kty":"RSA","n":"\#(modulus(256))","e":"AQAB""#))
        #expect(isTaken(#""kty":"RSA","n":"\#(modulus(1024))","e":"Aw""#))
        #expect(!isTaken(#""kty":"RSA","n":"\#(modulus(255))","e":"AQAB""#))
        #expect(!isTaken(#""kty":"RSA","n":"\#(modulus(1025))","e":"AQAB""#))
        for exponent in ["", "AQ", "Ag", "AAEAAQ", "AQAAAAE", "AQAB="] {
            #expect(!isTaken(#""kty":"RSA","n":"\#(modulus(256))","e":"\#(exponent)""#), "\(exponent)")
        }
    }

    @Test("a point that is not on the curve verifies nothing")
    func notOnCurve() async throws {
        let ones = Base64URL.encode(Array(repeating: UInt8(1), count: 32))
        let set = try keySet(#"{"keys":[{"kty":"EC","crv":"P-256","x":"\#(ones)","y":"\#(ones)"}]}"#)
        let key = try #require(try set.key(of: .init(algorithm: .es256, keyID: nil)))
        #expect(await key.verifies(Array(repeating: 1, count: 64), of: [1], as: .es256) == false)
    }

    @Test("a token that names no key is checked with the only one there is, and a name that two keys have is refused")
    func choice() throws {
        let maker = try TokenMaker()
        let both = try maker.keySet
        #expect(throws: OIDCError.flaw(.missingKeyID)) { try both.key(of: .init(algorithm: .es256, keyID: nil)) }
        #expect(try both.key(of: .init(algorithm: .es256, keyID: "one")) != nil)
        #expect(try both.key(of: .init(algorithm: .es256, keyID: "three")) == nil)
        let point = maker.key.publicKey.rawRepresentation
        let (x, y) = (Base64URL.encode(point.prefix(32)), Base64URL.encode(point.suffix(32)))
        let key = #""kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)""#
        let one = try keySet("{\"keys\":[{\(key)}]}")
        #expect(try one.key(of: .init(algorithm: .es256, keyID: nil)) != nil)
        #expect(throws: OIDCError.flaw(.missingKeyID)) { try one.key(of: .init(algorithm: .rs256, keyID: nil)) }
        let twice = try keySet("{\"keys\":[{\(key),\"kid\":\"a\"},{\(key),\"kid\":\"a\"}]}")
        #expect(throws: OIDCError.flaw(.algorithm)) { try twice.key(of: .init(algorithm: .es256, keyID: "a")) }
    }
}
