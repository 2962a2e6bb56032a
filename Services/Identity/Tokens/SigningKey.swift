import Crypto
import Foundation
import ServiceKit

/// The key that access tokens are signed with (ES256).
struct SigningKey: Sendable {
    let id: String
    let privateKey: P256.Signing.PrivateKey

    /// A new key, named by what it is.
    init() {
        self.init(privateKey: P256.Signing.PrivateKey())
    }

    var signer: AccessTokenSigner {
        get throws { try AccessTokenSigner(privateKeyPEM: privateKey.pemRepresentation, keyID: id) }
    }

    private init(privateKey: P256.Signing.PrivateKey) {
        self.privateKey = privateKey
        id = Array(SHA256.hash(data: privateKey.publicKey.x963Representation).prefix(12)).base64URL
    }
}

/// Keeps signing keys unreadable in the database.
struct SigningKeySeal: Sendable {
    /// The stored key can't be opened: the cluster secret is another than the one it was sealed with.
    struct WrongSecret: Error, CustomStringConvertible {
        var description: String {
            "The stored signing key can't be opened with this cluster secret. Give identity the secret that it had before."
        }
    }

    private let seal: SecretSeal

    init(clusterSecret: [UInt8]) {
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley signing key v1")
    }

    func seal(_ signingKey: SigningKey) throws -> [UInt8] {
        try seal.seal([UInt8](signingKey.privateKey.rawRepresentation), context: signingKey.id)
    }

    /// - Throws: `WrongSecret`.
    func open(_ sealed: [UInt8], id: String) throws -> SigningKey {
        guard let bytes = seal.open(sealed, context: id) else { throw WrongSecret() }
        return try SigningKey(id: id, bytes: Data(bytes))
    }
}

extension SigningKey {
    fileprivate init(id: String, bytes: Data) throws {
        self.id = id
        privateKey = try P256.Signing.PrivateKey(rawRepresentation: bytes)
    }
}
