import Crypto
import Foundation
import ServiceKit

/// Keeps secrets unreadable in the database and in browsers: AES-GCM under a key that is derived from the cluster secret.
struct SecretSeal: Sendable {
    private let key: SymmetricKey

    /// - Parameter purpose: what is sealed, with a version; what one purpose has sealed no other opens.
    init(clusterSecret: [UInt8], purpose: String) {
        key = SymmetricKey(data: ClusterKey.derive(clusterSecret, purpose: purpose))
    }

    /// - Parameter context: what the secret belongs to; it opens with the same only.
    func seal(_ secret: [UInt8], context: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(secret, using: key, authenticating: Data(context.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Returns: nil when it was sealed by another cluster or for something else, or was changed.
    func open(_ sealed: [UInt8], context: String) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Data(context.utf8))
        else { return nil }
        return [UInt8](bytes)
    }
}
