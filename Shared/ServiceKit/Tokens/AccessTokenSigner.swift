import Crypto
import Foundation
import JWTKit
import ParleyProtocol

/// Signs access tokens with one ES256 key. Only identity has such keys.
public struct AccessTokenSigner: Sendable {
    /// Names the key in tokens and in the key set.
    public let keyID: String
    /// What other services need to check this signer's tokens.
    public let publicKey: PublicKeyDocument
    private let key: ES256PrivateKey

    /// A new private key, PEM.
    public static func generatePrivateKey() -> String {
        ES256PrivateKey().pemRepresentation
    }

    /// - Parameter keyID: The key's thumbprint (RFC 7638) when not given.
    /// - Throws: When the PEM is no P-256 private key.
    public init(privateKeyPEM: String, keyID: String? = nil) throws {
        key = try ES256PrivateKey(pem: privateKeyPEM)
        publicKey = try PublicKeyDocument(key.publicKey, keyID: keyID)
        self.keyID = publicKey.kid
    }

    /// A token that is good until `expiresAt`, `Limits.accessToken` from now as a rule.
    public func sign(_ claims: AccessClaims, now: Date = .now, expiresAt: Date? = nil) async throws -> String {
        let expiresAt = expiresAt ?? now.addingTimeInterval(Double(Limits.accessToken))
        let payload = TokenPayload(claims, as: .access, issuer: "parley-identity", now: now, expiresAt: expiresAt)
        return try await TokenKey.privateKey(key, id: keyID).sign(payload, as: .access)
    }
}

/// One public key as it is published (RFC 7517).
public struct PublicKeyDocument: Codable, Hashable, Sendable {
    public let kty: String
    public let crv: String
    /// Coordinates in base64url without padding, as RFC 7518 wants them and browsers insist.
    public let x: String
    public let y: String
    public let kid: String
    public let use: String
    public let alg: String

    init(_ key: ES256PublicKey, keyID: String?) throws {
        guard let parameters = key.parameters else { throw TokenRefusal.unknownKey }
        kty = "EC"
        crv = "P-256"
        x = Base64URL.fromBase64(parameters.x)
        y = Base64URL.fromBase64(parameters.y)
        use = "sig"
        alg = "ES256"
        kid = keyID ?? Self.thumbprint(x: x, y: y)
    }

    /// Nothing when this is no key for access tokens.
    var publicKey: ES256PublicKey? {
        guard kty == "EC", crv == "P-256", alg == "ES256", use == "sig", !kid.isEmpty, Base64URL.decode(x)?.count == 32,
            Base64URL.decode(y)?.count == 32
        else { return nil }
        return try? ES256PublicKey(parameters: (x: x, y: y))
    }

    private static func thumbprint(x: String, y: String) -> String {
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#
        return Base64URL.encode(SHA256.hash(data: Data(canonical.utf8)))
    }
}

/// The public keys of identity: the current one, the ones before it as long as their tokens live, and the next.
public struct KeySetDocument: Codable, Sendable {
    public var keys: [PublicKeyDocument]

    public init(keys: [PublicKeyDocument]) {
        self.keys = keys
    }
}
