/// The body of every error over HTTP: `application/problem+json` (RFC 9457) with Parley's stable `code`.
public struct Problem: Codable, Hashable, Sendable {
    public static let contentType = "application/problem+json"

    /// Always `about:blank`: the code says which problem it is.
    public var type: String
    /// A short sentence for people, in English.
    public var title: String
    /// The HTTP status, repeated.
    public var status: Int
    public var code: ErrorCode
    /// What was wrong with this request; never a secret, never internal detail.
    public var detail: String?
    /// The fields that were refused, with the reason for each.
    public var fields: [FieldProblem]?
    /// Seconds after which trying again makes sense; also sent as `Retry-After`.
    public var retryAfter: Int?

    public init(
        status: Int, code: ErrorCode, title: String, detail: String? = nil, fields: [FieldProblem]? = nil,
        retryAfter: Int? = nil
    ) {
        type = "about:blank"
        self.title = title
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = fields
        self.retryAfter = retryAfter
    }
}

/// One refused field of a request.
public struct FieldProblem: Codable, Hashable, Sendable {
    public enum Reason: String, Codable, Sendable {
        case missing, tooShort = "too_short", tooLong = "too_long", badFormat = "bad_format", taken, notAllowed =
            "not_allowed"
        /// A password that many people use, or that is the person's own name.
        case tooCommon = "too_common"
        /// A new password that is the old one.
        case unchanged
    }

    /// The field's name in the request.
    public var field: String
    public var reason: Reason
    /// Characters that it must have at least, where that is not the same everywhere.
    public var minimum: Int?

    public init(_ field: String, _ reason: Reason, minimum: Int? = nil) {
        self.field = field
        self.reason = reason
        self.minimum = minimum
    }
}
