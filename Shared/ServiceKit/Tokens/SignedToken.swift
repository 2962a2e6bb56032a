import Foundation
import JWTKit
import ParleyProtocol

/// The content of every token of Parley.
struct TokenPayload<Claims: Codable & Sendable>: JWTPayload {
    var iss: String
    var aud: String
    /// Seconds since 1970, like all times here.
    var iat: Int
    var exp: Int
    var nbf: Int?
    var jti: String
    var claims: Claims

    /// Times are checked by `SignedToken`, against a clock that tests can set.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// A key that tokens are signed or checked with.
struct TokenKey: Sendable {
    let id: String
    /// Holds this one key only, so that a token can't choose another.
    private let collection: JWTKeyCollection

    /// At least 32 bytes.
    static func symmetric(_ bytes: [UInt8], id: String) async -> TokenKey {
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256, kid: JWKIdentifier(string: id))
        return TokenKey(id: id, collection: collection)
    }

    static func privateKey(_ key: ES256PrivateKey, id: String) async -> TokenKey {
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key, kid: JWKIdentifier(string: id))
        return TokenKey(id: id, collection: collection)
    }

    static func publicKey(_ key: ES256PublicKey, id: String) async -> TokenKey {
        let collection = JWTKeyCollection()
        await collection.add(ecdsa: key, kid: JWKIdentifier(string: id))
        return TokenKey(id: id, collection: collection)
    }

    func sign<Claims>(_ payload: TokenPayload<Claims>, as kind: TokenKind) async throws -> String {
        let header: JWTHeader = [
            "alg": .string(kind.algorithm), "typ": .string(kind.type), "kid": .string(id),
        ]
        return try await collection.sign(payload, kid: JWKIdentifier(string: id), header: header)
    }

    func open<Claims>(_ token: String) async throws -> TokenPayload<Claims> {
        try await collection.verify(token, as: TokenPayload<Claims>.self)
    }
}

/// A token whose form has been checked and whose signature has not.
struct SignedToken {
    let header: TokenHeader
    private let text: String

    /// Three parts in strict base64url, each of the first two one strict JSON object.
    init(_ text: String) throws(TokenRefusal) {
        guard text.utf8.count <= TokenKind.maximumLength else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]), let body = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty
        else { throw .malformed }
        do {
            try StrictJSON.check(head)
            try StrictJSON.check(body)
            header = try JSONDecoder().decode(TokenHeader.self, from: Data(head))
        } catch {
            throw .malformed
        }
        self.text = text
    }

    /// The content, when everything about the token is right.
    func opened<Claims: Codable & Sendable>(
        as kind: TokenKind, with key: TokenKey, now: Date
    ) async throws(TokenRefusal) -> TokenPayload<Claims> {
        let (payload, isExpired): (TokenPayload<Claims>, Bool) = try await openedAtAnyTime(
            as: kind, with: key, now: now)
        guard !isExpired else { throw .expired }
        return payload
    }

    /// The same for one whose time may be over.
    func openedAtAnyTime<Claims: Codable & Sendable>(
        as kind: TokenKind, with key: TokenKey, now: Date
    ) async throws(TokenRefusal) -> (payload: TokenPayload<Claims>, isExpired: Bool) {
        guard header.alg == kind.algorithm, header.typ == kind.type else { throw .wrongHeader }
        guard header.kid == key.id else { throw .unknownKey }
        let payload: TokenPayload<Claims>
        do {
            payload = try await key.open(text)
        } catch {
            throw .wrongSignature
        }
        guard kind.issuers.contains(payload.iss), payload.aud == kind.audience else { throw .wrongClaims }
        let now = Int(now.timeIntervalSince1970)
        guard payload.iat <= now + TokenKind.skew, (payload.nbf ?? payload.iat) <= now + TokenKind.skew,
            payload.iat <= payload.exp
        else { throw .notYetValid }
        return (payload, payload.exp <= now - TokenKind.skew)
    }
}

extension TokenPayload {
    init(_ claims: Claims, as kind: TokenKind, issuer: String, now: Date, expiresAt: Date) {
        iss = issuer
        aud = kind.audience
        iat = Int(now.timeIntervalSince1970)
        exp = Int(expiresAt.timeIntervalSince1970)
        jti = RequestID.make()
        self.claims = claims
    }
}
