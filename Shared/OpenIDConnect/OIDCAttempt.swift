import ServiceKit

/// One sign-in of one browser, from the redirect to the provider until the browser comes back.
///
/// The caller keeps it where only that browser's return finds it again, such as in a sealed cookie or in Redis, for
/// some minutes, and takes it once. The verifier and the nonce must not be seen by anybody else.
public struct OIDCAttempt: Codable, Hashable, Sendable {
    /// Comes back in the redirect (RFC 6749, 10.12). 43 characters of base64url: 256 random bits, as in all three.
    public let state: String
    /// Comes back in the ID token (OpenID Connect Core 1.0, 3.1.2.1).
    public let nonce: String
    /// Proves that who takes the code is who asked for it (RFC 7636, 4.1).
    public let verifier: String

    /// A new one, unlike all others.
    public init() {
        state = Self.random()
        nonce = Self.random()
        verifier = Self.random()
    }

    private enum CodingKeys: String, CodingKey {
        case state, nonce, verifier
    }

    /// - Throws: `DecodingError` when a part is not 256 bits of base64url.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func part(_ key: CodingKeys) throws -> String {
            let text = try container.decode(String.self, forKey: key)
            guard Base64URL.decode(text)?.count == Self.bytes else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "not 256 bits")
            }
            return text
        }
        state = try part(.state)
        nonce = try part(.nonce)
        verifier = try part(.verifier)
    }

    /// Whether the browser came back with the state that it was sent away with. Takes the same time for every wrong one
    /// of the right length.
    public func isAnswered(by state: String) -> Bool {
        ConstantTime.equal(state, self.state)
    }

    private static let bytes = 32

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

/// Without its parts, so that it may stand in a log.
extension OIDCAttempt: CustomStringConvertible, CustomReflectable {
    public var description: String { "an attempt to sign in" }

    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

enum ConstantTime {
    /// Whether two texts are the same; how long it takes depends on their lengths only.
    static func equal(_ one: String, _ other: String) -> Bool {
        let one = Array(one.utf8)
        let other = Array(other.utf8)
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
