import Crypto
import Foundation
import JWTKit
import ServiceKit

@testable import OpenIDConnect

/// Makes ID tokens byte by byte, right ones and wrong ones, with keys that are published in `keySet`.
struct TokenMaker: Sendable {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)
    static let accessToken = "access-token"
    static let rules = IDTokenRules(
        issuer: "https://id.example.org", clientID: "parley", nonce: "a-nonce", accessToken: accessToken)
    static let header = #"{"alg":"ES256","kid":"one","typ":"JWT"}"#

    let key = P256.Signing.PrivateKey()
    let rsa: JWTKit.Insecure.RSA.PrivateKey
    /// JSON of the published keys: `one` is P-256, `two` is RSA.
    let published: String

    init() throws {
        rsa = try RSAKeys.private()
        let point = key.publicKey.rawRepresentation
        let primitives = try rsa.publicKey.getKeyPrimitives()
        published = """
            {"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "x": "\(Base64URL.encode(point.prefix(32)))",
            "y": "\(Base64URL.encode(point.suffix(32)))"}, {"kty": "RSA", "kid": "two", "use": "sig",
            "n": "\(Base64URL.encode(primitives.modulus))", "e": "\(Base64URL.encode(primitives.publicExponent))"}]}
            """
    }

    var keySet: KeySet {
        get throws { try KeySet(.init(status: 200, body: Array(published.utf8))) }
    }

    /// The claims of a right token, with the fields of `change` in place of theirs; an empty text takes one away.
    static func claims(_ change: KeyValuePairs<String, String> = [:]) -> String {
        let now = Int(now.timeIntervalSince1970)
        let hash = Base64URL.encode(Array(SHA256.hash(data: Data(accessToken.utf8))).prefix(16))
        var fields = [
            "iss": #""https://id.example.org""#, "aud": #""parley""#, "sub": #""sub-1""#, "nonce": #""a-nonce""#,
            "iat": "\(now)", "exp": "\(now + 300)", "at_hash": "\"\(hash)\"",
        ]
        for (name, value) in change { fields[name] = value.isEmpty ? nil : value }
        return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    func token(header: String = header, claims: String = claims()) throws -> String {
        let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims.utf8))"
        return "\(signed).\(Base64URL.encode(try signature(of: signed)))"
    }

    func signature(of text: String) throws -> Data { try key.signature(for: Data(text.utf8)).rawRepresentation }

    /// As `OIDCProvider` does it; the subject.
    func check(_ text: String, now: Date = now) async throws(OIDCError) -> String {
        let token = try IDToken(text)
        let keys: KeySet
        do { keys = try keySet } catch { throw .discovery(reason: "\(error)") }
        guard let key = try keys.key(of: token.header) else { throw .flaw(.unknownKey) }
        guard await key.verifies(token.signature, of: token.signed, as: token.header.algorithm) else {
            throw .flaw(.signature)
        }
        return try Self.rules.check(token.claims, now: now)
    }
}

/// Signs as providers with RSA do.
enum RSAKeys {
    /// 2 048 bits; making one takes long enough to make it once only.
    static func `private`() throws -> JWTKit.Insecure.RSA.PrivateKey { try shared.get() }

    private static let shared = Result { try JWTKit.Insecure.RSA.PrivateKey(pem: pem()) }

    private static func pem() throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}
