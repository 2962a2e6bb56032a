import Crypto
import Foundation
import ParleyProtocol
import ServiceKit

/// What presence and the receiver share, to sign and to check: `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes it
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme").
struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"

    private let bytes: [UInt8]

    /// A new one, of 32 random bytes.
    init() {
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
    }

    fileprivate init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    /// The header `webhook-signature`: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.
    /// - Parameter timestamp: seconds since 1970, as it stands in `webhook-timestamp`.
    func signature(of body: [UInt8], id: WebhookMessageID, timestamp: Int) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        code.update(data: Data("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return "v1," + Data(code.finalize()).base64EncodedString()
    }

    fileprivate var raw: [UInt8] { bytes }
}

/// Keeps secrets of webhooks so that a copy of the database signs nothing: AES-GCM with the webhook's id as associated data, under a key of
/// its own that is derived from the cluster secret.
struct WebhookSecretVault: Sendable {
    private static let version: UInt8 = 1

    private let key: SymmetricKey

    init(clusterSecret: [UInt8]) {
        key = SymmetricKey(data: ClusterKey.derive(clusterSecret, purpose: "parley webhook secret v1"))
    }

    func seal(_ secret: WebhookSecret, of webhook: WebhookID) throws -> [UInt8] {
        let box = try AES.GCM.seal(secret.raw, using: key, authenticating: Data(webhook.rawValue.utf8))
        // Absent only for a nonce of another length than the usual one.
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return [Self.version] + combined
    }

    /// Nothing when it was sealed under another cluster secret, or for another webhook.
    func open(_ sealed: [UInt8], of webhook: WebhookID) -> WebhookSecret? {
        guard sealed.first == Self.version, let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Data(webhook.rawValue.utf8))
        else { return nil }
        return WebhookSecret(bytes: [UInt8](bytes))
    }
}
