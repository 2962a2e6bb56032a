import Foundation
import ParleyProtocol

/// Why a token was refused. For logs and tests only: a client hears the same for all of them.
enum TokenRefusal: Error {
    case malformed, wrongHeader, unknownKey, wrongSignature, wrongClaims, expired, notYetValid, revoked
}

/// What all tokens of one kind have in common. A token is accepted as one kind only.
struct TokenKind: Sendable {
    /// How far clocks may differ, in seconds.
    static let skew = 30
    /// Longer texts are not looked at, in bytes.
    static let maximumLength = 8 * 1_024

    let algorithm: String
    let type: String
    let issuers: Set<String>
    let audience: String

    static let access = TokenKind(algorithm: "ES256", type: "at+jwt", issuers: ["parley-identity"], audience: "parley")
    static let ticket = TokenKind(
        algorithm: "HS256", type: "ticket+jwt", issuers: ["directory"], audience: "signaling")

    static func service(to audience: ServiceName) -> TokenKind {
        TokenKind(
            algorithm: "HS256", type: "service+jwt", issuers: Set(ServiceName.allCases.map(\.rawValue)),
            audience: audience.rawValue)
    }
}

/// The head of a token. Anything beyond these three is refused, `crit`, `jku` and `jwk` above all.
struct TokenHeader: Codable {
    var alg: String
    var typ: String
    var kid: String

    private static let fields: Set<String> = ["alg", "typ", "kid"]

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        guard container.allKeys.allSatisfy({ Self.fields.contains($0.stringValue) }) else {
            throw TokenRefusal.wrongHeader
        }
        alg = try container.decode(String.self, forKey: Name(stringValue: "alg"))
        typ = try container.decode(String.self, forKey: Name(stringValue: "typ"))
        kid = try container.decode(String.self, forKey: Name(stringValue: "kid"))
    }
}
