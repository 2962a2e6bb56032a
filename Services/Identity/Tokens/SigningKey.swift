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

/// Keeps signing keys unreadable in the database: AES-GCM under a key that is derived from the cluster secret.
struct SigningKeySeal: Sendable {
    /// The stored key can't be opened: the cluster secret is another than the one it was sealed with.
    struct WrongSecret: Error, CustomStringConvertible {
        var description: String {
            "The stored signing key can't be opened with this cluster secret. Give identity the secret that it had before."
        }
    }

    private let key: SymmetricKey

    init(clusterSecret: [UInt8]) {
        key = SymmetricKey(data: ClusterKey.derive(clusterSecret, purpose: "parley signing key v1"))
    }

    func seal(_ signingKey: SigningKey) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            signingKey.privateKey.rawRepresentation, using: key, authenticating: Data(signingKey.id.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: `WrongSecret`.
    func open(_ sealed: [UInt8], id: String) throws -> SigningKey {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Data(id.utf8))
        else { throw WrongSecret() }
        return try SigningKey(id: id, bytes: bytes)
    }
}

extension SigningKey {
    fileprivate init(id: String, bytes: Data) throws {
        self.id = id
        privateKey = try P256.Signing.PrivateKey(rawRepresentation: bytes)
    }
}
