import Crypto
import Foundation
import ParleyProtocol
import Testing

@testable import ServiceKit

/// What somebody might do to an access token.
enum TokenMutation: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case noneAlgorithm, noneWithoutSignature, otherAlgorithmName, symmetricWithPublicKey, symmetricWithKnownKeyID
    case otherType, plainType, noType, foreignKeyID, noKeyID, criticalHeader, keyInHeader, keyURLInHeader,
        doubledAlgorithm
    case wrongAudience, audienceList, wrongIssuer, noIssuer, expired, noExpiry, expiryAsText, futureIssue, notYetValid
    case noIssueTime, noClaims, otherKey, changedPayload, cutSignature, noSignature, zeroSignature, paddedSignature
    case extraDot, extraPart, twoParts, empty, spaces, doubledClaim, payloadNoJSON, veryLong, unusedBits

    var testDescription: String { rawValue }
}

/// Makes tokens by hand, right and wrong ones.
struct TokenForge {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    let signer: AccessTokenSigner
    private let key: P256.Signing.PrivateKey

    init() throws {
        key = P256.Signing.PrivateKey()
        signer = try AccessTokenSigner(privateKeyPEM: key.pemRepresentation)
    }

    private var header: [String: any Sendable] { ["alg": "ES256", "typ": "at+jwt", "kid": signer.keyID] }

    private var payload: [String: any Sendable] {
        get throws {
            let claims = try JSONSerialization.jsonObject(with: Data(WireJSON.encode(someAccount())))
            return [
                "iss": "parley-identity", "aud": "parley", "iat": 1_800_000_000, "exp": 1_800_000_300, "jti": "1",
                "claims": claims as? [String: any Sendable] ?? [:],
            ]
        }
    }

    func token() throws -> String {
        try sign(header, payload)
    }

    func mutate(_ mutation: TokenMutation) async throws -> String {
        switch mutation {
        case .noneAlgorithm: try sign(header.with("alg", "none"), payload)
        case .noneWithoutSignature: try input(header.with("alg", "none"), payload) + "."
        case .otherAlgorithmName: try sign(header.with("alg", "ES384"), payload)
        case .symmetricWithPublicKey: try symmetric(key: [UInt8](key.publicKey.pemRepresentation.utf8))
        case .symmetricWithKnownKeyID: try symmetric(key: [UInt8](key.publicKey.x963Representation))
        case .otherType: try sign(header.with("typ", "ticket+jwt"), payload)
        case .plainType: try sign(header.with("typ", "JWT"), payload)
        case .noType: try sign(header.with("typ", nil), payload)
        case .foreignKeyID: try sign(header.with("kid", "somebody-elses"), payload)
        case .noKeyID: try sign(header.with("kid", nil), payload)
        case .criticalHeader: try sign(header.with("crit", ["exp"]), payload)
        case .keyInHeader: try sign(header.with("jwk", ["kty": "EC"]), payload)
        case .keyURLInHeader: try sign(header.with("jku", "https://evil.example/jwks.json"), payload)
        case .doubledAlgorithm:
            try sign(text: #"{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"\#(signer.keyID)"}"#, json(payload))
        case .wrongAudience: try sign(header, payload.with("aud", "signaling"))
        case .audienceList: try sign(header, payload.with("aud", ["parley", "evil"]))
        case .wrongIssuer: try sign(header, payload.with("iss", "parley-directory"))
        case .noIssuer: try sign(header, payload.with("iss", nil))
        case .expired: try sign(header, payload.with("iat", 1_799_999_000).with("exp", 1_799_999_300))
        case .noExpiry: try sign(header, payload.with("exp", nil))
        case .expiryAsText: try sign(header, payload.with("exp", "1800000300"))
        case .futureIssue: try sign(header, payload.with("iat", 1_800_000_300).with("exp", 1_800_000_600))
        case .notYetValid: try sign(header, payload.with("nbf", 1_800_000_100))
        case .noIssueTime: try sign(header, payload.with("iat", nil))
        case .noClaims: try sign(header, payload.with("claims", nil))
        case .otherKey: try sign(header, payload, by: P256.Signing.PrivateKey())
        case .changedPayload: try withPayload(payload.with("jti", "2"))
        case .cutSignature: String(try token().dropLast(8))
        case .noSignature: try input(header, payload) + "."
        case .zeroSignature: try input(header, payload) + "." + Base64URL.encode([UInt8](repeating: 0, count: 64))
        case .paddedSignature: try token() + "=="
        case .extraDot: try token() + "."
        case .extraPart: try token() + ".e30"
        case .twoParts: try input(header, payload)
        case .empty: ""
        case .spaces: " " + (try token())
        case .doubledClaim: try sign(text: json(header), String(json(payload).dropLast()) + #","exp":1900000000}"#)
        case .payloadNoJSON: try sign(text: json(header), "no json")
        case .veryLong: try sign(header, payload.with("jti", String(repeating: "x", count: 10_000)))
        case .unusedBits: try withUnusedBits(token())
        }
    }

    private func symmetric(key: [UInt8]) throws -> String {
        let input = try input(header.with("alg", "HS256"), payload)
        let code = HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: SymmetricKey(data: key))
        return input + "." + Base64URL.encode(code)
    }

    private func withPayload(_ changed: [String: any Sendable]) throws -> String {
        let signature = try token().split(separator: ".").last ?? ""
        return try input(header, changed) + "." + signature
    }

    /// The last character of 64 bytes in base64 carries four bits that mean nothing; a lenient reader ignores them.
    private func withUnusedBits(_ token: String) throws -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = token.last.flatMap { alphabet.firstIndex(of: $0) } ?? 0
        return String(token.dropLast()) + String(alphabet[last | 1])
    }

    private func sign(
        _ header: [String: any Sendable], _ payload: [String: any Sendable], by other: P256.Signing.PrivateKey? = nil
    ) throws -> String {
        try sign(text: json(header), json(payload), by: other)
    }

    private func sign(text header: String, _ payload: String, by other: P256.Signing.PrivateKey? = nil) throws -> String
    {
        let input = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(payload.utf8))"
        return input + "." + Base64URL.encode(try (other ?? key).signature(for: Data(input.utf8)).rawRepresentation)
    }

    private func input(_ header: [String: any Sendable], _ payload: [String: any Sendable]) throws -> String {
        "\(Base64URL.encode(try json(header).utf8)).\(Base64URL.encode(try json(payload).utf8))"
    }

    private func json(_ object: [String: any Sendable]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }
}

extension [String: any Sendable] {
    fileprivate func with(_ key: String, _ value: (any Sendable)?) -> Self {
        var copy = self
        copy[key] = value
        return copy
    }
}
