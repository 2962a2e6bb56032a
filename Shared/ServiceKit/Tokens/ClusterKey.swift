import Crypto
import Foundation

/// Keys that all services derive from the secret they share, one for each purpose.
public enum ClusterKey {
    /// HKDF-SHA256 of the cluster secret.
    ///
    /// - Parameters:
    ///   - purpose: Names what the key is for, with a version, such as `parley ticket v1`.
    ///   - bytes: Its length, 1 to 255 · 32.
    public static func derive(_ clusterSecret: [UInt8], purpose: String, bytes: Int = 32) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: clusterSecret), info: Data(purpose.utf8), outputByteCount: bytes)
        return key.withUnsafeBytes { [UInt8]($0) }
    }
}
