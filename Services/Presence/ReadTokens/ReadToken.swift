import Crypto
import ParleyProtocol
import ServiceKit

/// The secret with which a telephone system reads presence: 32 random bytes, of which only the digest is kept. As it can't be guessed, a
/// plain hash is enough (RFC 6749, 10.10; a password would need a slow one).
struct ReadToken: Sendable {
    /// Tells it from an access token, and lets scanners for leaked secrets find it.
    static let prefix = "parley_pr_"
    private static let size = 32

    private let bytes: [UInt8]

    /// A new one.
    init() {
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
    }

    /// Nothing for text that is none.
    init?(text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64URL.decode(text.dropFirst(Self.prefix.count)),
            bytes.count == Self.size
        else { return nil }
        self.bytes = bytes
    }

    var text: String { Self.prefix + Base64URL.encode(bytes) }
    /// SHA-256.
    var digest: [UInt8] { [UInt8](SHA256.hash(data: bytes)) }
}

/// Who reads with a token.
struct TokenReader: Hashable, Sendable {
    let token: ReadTokenID
    let organization: OrganizationID
}
