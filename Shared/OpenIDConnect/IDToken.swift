import Crypto
import Foundation
import ServiceKit

/// An ID token whose form has been checked, and nothing else yet (OpenID Connect Core 1.0, 2; RFC 7515; RFC 8725).
struct IDToken: Sendable {
    struct Header: Sendable, Hashable {
        let algorithm: SigningAlgorithm
        let keyID: String?
    }

    /// Longer texts are not looked at, in bytes.
    static let maximumLength = 64 * 1_024

    let header: Header
    let claims: ClaimSet
    let signature: [UInt8]
    /// What the signature is of.
    let signed: [UInt8]

    /// Three parts in strict base64url, each of the first two one strict JSON object. Keys that a header brings along
    /// (`jwk`, `jku`, `x5c`, `x5u`) are never used.
    init(_ text: String) throws(OIDCError) {
        guard text.utf8.count <= Self.maximumLength else { throw .flaw(.malformed) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]), let body = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), let headClaims = ClaimSet(json: head),
            let claims = ClaimSet(json: body)
        else { throw .flaw(.malformed) }
        header = try Header(headClaims)
        guard !signature.isEmpty else { throw .flaw(.malformed) }
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }
}

extension IDToken.Header {
    /// A `typ` other than `JWT` is of a token for another use, such as `at+jwt` (RFC 8725, 3.11); `crit` asks for what
    /// Parley does not know (RFC 7515, 4.1.11).
    fileprivate init(_ claims: ClaimSet) throws(OIDCError) {
        guard claims["crit"] == nil, claims["typ"] == nil || claims.string("typ")?.uppercased() == "JWT",
            claims["kid"] == nil || claims.string("kid") != nil
        else { throw .flaw(.header) }
        guard let algorithm = claims.string("alg").flatMap(SigningAlgorithm.init) else { throw .flaw(.algorithm) }
        self.algorithm = algorithm
        keyID = claims.string("kid")
    }
}

/// What the claims of an ID token must be, once its signature is known to be right (OpenID Connect Core 1.0, 3.1.3.7).
struct IDTokenRules: Sendable {
    /// How far clocks may differ, in seconds.
    static let skew: Double = 30

    let issuer: String
    let clientID: String
    let nonce: String
    /// That came with the token.
    let accessToken: String?

    /// The person's subject.
    func check(_ claims: ClaimSet, now: Date) throws(OIDCError) -> String {
        guard claims.string("iss") == issuer else { throw .flaw(.issuer) }
        try checkAudience(claims)
        try Self.checkTimes(claims, now: now.timeIntervalSince1970)
        guard let nonce = claims.string("nonce"), ConstantTime.equal(nonce, self.nonce) else { throw .flaw(.nonce) }
        try checkAccessToken(claims)
        guard let subject = claims.string("sub"), (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .flaw(.subject) }
        return subject
    }

    /// A token for several must say that it was issued to us; one that says so of another was not.
    private func checkAudience(_ claims: ClaimSet) throws(OIDCError) {
        let audiences = claims.string("aud").map { [$0] } ?? claims.strings("aud") ?? []
        guard audiences.contains(clientID) else { throw .flaw(.audience) }
        guard claims["azp"] != nil || audiences.count > 1 else { return }
        guard claims.string("azp") == clientID else { throw .flaw(.party) }
    }

    private static func checkTimes(_ claims: ClaimSet, now: Double) throws(OIDCError) {
        guard let expires = claims.number("exp"), expires > now - skew else { throw .flaw(.expired) }
        guard let issued = claims.number("iat"), issued >= 0, issued <= now + skew, issued <= expires else {
            throw .flaw(.issuedAt)
        }
        guard claims["nbf"] != nil else { return }
        guard let begins = claims.number("nbf"), begins <= now + skew else { throw .flaw(.notBefore) }
    }

    /// Half of the hash of the access token (3.1.3.6); all algorithms here are of SHA-256.
    private func checkAccessToken(_ claims: ClaimSet) throws(OIDCError) {
        guard claims["at_hash"] != nil else { return }
        guard let hash = claims.string("at_hash"), let accessToken else { throw .flaw(.accessTokenHash) }
        let expected = Base64URL.encode(Array(SHA256.hash(data: Data(accessToken.utf8))).prefix(16))
        guard ConstantTime.equal(hash, expected) else { throw .flaw(.accessTokenHash) }
    }
}
