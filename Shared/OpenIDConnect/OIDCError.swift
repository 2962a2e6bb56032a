/// Why a sign-in with an OpenID provider came to nothing.
///
/// Safe to log: it never holds a secret, a code, a token, or any text of the provider other than a checked error code.
public enum OIDCError: Error, Hashable, Sendable {
    /// A setting has no usable value. Nothing was sent.
    case settings(OIDCSettings.Field)
    /// No connection, one that broke, or an answer with a status of 500 or above.
    case unreachable
    /// No whole answer within the time for one request, 5 s.
    case timedOut
    /// What the provider says of itself, its keys, or the form of an answer is not as the specifications ask. The
    /// reason is a fixed text of ours, for logs.
    case discovery(reason: String)
    /// The provider says no. Its error code (RFC 6749, 5.2), such as `invalid_grant` for a code that is over or was
    /// used, or `invalid_client` for a wrong secret: 1 to 64 letters, digits, `.`, `_` and `-`; `unknown` when it sent
    /// another.
    case refused(code: String)
    /// The provider's statement about the person can't be trusted. The reason is a fixed text of ours, for logs: people
    /// hear the same for all.
    case tokenInvalid(reason: String)
}

extension OIDCError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .settings(let field): "the setting \(field.rawValue) has no usable value"
        case .unreachable: "the provider can't be reached"
        case .timedOut: "the provider doesn't answer in time"
        case .discovery(let reason): "the provider doesn't follow the specifications: \(reason)"
        case .refused(let code): "the provider refuses: \(code)"
        case .tokenInvalid(let reason): "the provider's statement can't be trusted: \(reason)"
        }
    }
}

/// All that can be wrong with what a provider says about a person.
enum TokenFlaw: String, CaseIterable, Sendable {
    case missing = "the answer has no ID token"
    case malformed = "the ID token has the wrong form"
    case header = "the header of the ID token is not acceptable"
    case algorithm = "the ID token is signed in a way that is not allowed"
    case missingKeyID = "the ID token does not name its key"
    case unknownKey = "the ID token is signed with a key that the provider does not publish"
    case signature = "the signature of the ID token is wrong"
    case issuer = "the ID token is of another issuer"
    case subject = "the ID token names nobody"
    case audience = "the ID token is for somebody else"
    case party = "the ID token was issued to somebody else"
    case expired = "the time of the ID token is over"
    case issuedAt = "the ID token was not issued yet"
    case notBefore = "the time of the ID token has not begun"
    case nonce = "the ID token is of another attempt"
    case accessTokenHash = "the ID token does not belong to the access token"
    case answerIssuer = "the answer to the sign-in is of another issuer"
    case userInfoSubject = "the user information is about somebody else"
}

extension OIDCError {
    static func flaw(_ flaw: TokenFlaw) -> OIDCError { .tokenInvalid(reason: flaw.rawValue) }

    /// - Parameter code: As the provider sent it.
    static func refusal(_ code: String?) -> OIDCError {
        guard let code, (1...64).contains(code.utf8.count), code.utf8.allSatisfy(isCodeCharacter) else {
            return .refused(code: "unknown")
        }
        return .refused(code: code)
    }

    private static func isCodeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
