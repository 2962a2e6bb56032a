import JWTKit
import ServiceKit

/// How ID tokens may be signed (RFC 7518, 3.1). Never without a key, and never with a key that others know.
enum SigningAlgorithm: String, CaseIterable, Sendable {
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
}

/// One public key that a provider signs with (RFC 7517).
struct ProviderKey: Sendable, Hashable {
    /// Base64url, checked.
    private enum Material: Hashable {
        case rsa(modulus: String, exponent: String)
        case p256(x: String, y: String)
    }

    let id: String?
    /// The only algorithm that it is for, when it says so.
    private let algorithm: String?
    private let material: Material

    /// Nothing when this is no key for signatures that are acceptable: RSA of 2 048 to 8 192 bits with an odd exponent
    /// of at most 4 bytes, or P-256.
    init?(_ claims: ClaimSet) {
        guard claims["use"] == nil || claims.string("use") == "sig",
            claims["key_ops"] == nil || claims.strings("key_ops")?.contains("verify") == true,
            claims["kid"] == nil || claims.string("kid") != nil, claims["alg"] == nil || claims.string("alg") != nil
        else { return nil }
        id = claims.string("kid")
        algorithm = claims.string("alg")
        switch claims.string("kty") {
        case "RSA":
            guard let n = claims.string("n"), let e = claims.string("e"), let modulus = Base64URL.decode(n),
                let exponent = Base64URL.decode(e), Self.isAcceptable(modulus: modulus, exponent: exponent)
            else { return nil }
            material = .rsa(modulus: n, exponent: e)
        case "EC":
            guard claims.string("crv") == "P-256", let x = claims.string("x"), let y = claims.string("y"),
                Base64URL.decode(x)?.count == 32, Base64URL.decode(y)?.count == 32
            else { return nil }
            material = .p256(x: x, y: y)
        default: return nil
        }
    }

    func serves(_ algorithm: SigningAlgorithm) -> Bool {
        guard self.algorithm == nil || self.algorithm == algorithm.rawValue else { return false }
        switch material {
        case .rsa: return algorithm == .rs256 || algorithm == .ps256
        case .p256: return algorithm == .es256
        }
    }

    /// Whether this key has made the signature, in this way and no other.
    func verifies(_ signature: [UInt8], of signed: [UInt8], as algorithm: SigningAlgorithm) async -> Bool {
        guard serves(algorithm) else { return false }
        do {
            // Holds this one key only, so that a token can't choose another.
            let collection = JWTKeyCollection()
            switch material {
            case .rsa(let modulus, let exponent):
                let key = try Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
                if algorithm == .ps256 {
                    await collection.add(pss: key, digestAlgorithm: .sha256)
                } else {
                    await collection.add(rsa: key, digestAlgorithm: .sha256)
                }
            case .p256(let x, let y):
                await collection.add(ecdsa: try ES256PublicKey(parameters: (x: x, y: y)))
            }
            return try await collection.getKey().verify(signature, signs: signed)
        } catch {
            return false
        }
    }

    private static func isAcceptable(modulus: [UInt8], exponent: [UInt8]) -> Bool {
        guard let first = modulus.first, first != 0, let last = exponent.last, exponent.first != 0 else { return false }
        return (256...1_024).contains(modulus.count) && exponent.count <= 4 && last % 2 == 1 && exponent != [1]
    }
}

/// The keys that a provider publishes (RFC 7517, 5).
struct KeySet: Sendable {
    /// More are not looked at.
    private static let maximumKeys = 64

    private let keys: [ProviderKey]

    /// Keys of other kinds are left out.
    ///
    /// - Throws: `OIDCError.discovery` when this is no key set, or one without a key that is acceptable.
    init(_ answer: ProviderHTTP.Answer) throws(OIDCError) {
        guard answer.status == 200, case .array(let entries)? = ClaimSet(json: answer.body)?["keys"] else {
            throw .discovery(reason: "the provider publishes no key set")
        }
        keys = entries.prefix(Self.maximumKeys).compactMap { entry in
            guard case .object(let members) = entry else { return nil }
            return ProviderKey(ClaimSet(members))
        }
        guard !keys.isEmpty else { throw .discovery(reason: "the provider publishes no acceptable key") }
    }

    /// The one key that a token names, if it is published. A token may leave its name out only where there is no choice
    /// (OpenID Connect Core 1.0, 10.1).
    func key(of header: IDToken.Header) throws(OIDCError) -> ProviderKey? {
        guard let id = header.keyID else {
            guard keys.count == 1, let key = keys.first, key.serves(header.algorithm) else {
                throw .flaw(.missingKeyID)
            }
            return key
        }
        let named = keys.filter { $0.id == id }
        guard !named.isEmpty else { return nil }
        let fitting = named.filter { $0.serves(header.algorithm) }
        guard fitting.count == 1, let key = fitting.first else { throw .flaw(.algorithm) }
        return key
    }
}
