import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol

/// An answer to the client that says what was wrong: `application/problem+json` with a stable code.
public struct ProblemError: Error, HTTPResponseError {
    public var status: HTTPResponse.Status
    public var code: ErrorCode
    /// A sentence for people, in English.
    public var title: String
    /// What was wrong with this request; never a secret, never internal detail.
    public var detail: String?
    public var fields: [FieldProblem]?
    /// Seconds; also sent as `Retry-After`.
    public var retryAfter: Int?
    /// More headers of the answer.
    public var headers: HTTPFields

    public init(
        _ status: HTTPResponse.Status, _ code: ErrorCode, _ title: String, detail: String? = nil,
        fields: [FieldProblem]? = nil, retryAfter: Int? = nil, headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.fields = fields
        self.retryAfter = retryAfter
        self.headers = headers
    }

    /// The body of the answer.
    public var problem: Problem {
        Problem(
            status: status.code, code: code, title: title, detail: detail, fields: fields, retryAfter: retryAfter)
    }

    public func response() throws -> Response {
        var response = try jsonResponse(problem, status: status, headers: headers)
        response.headers[.contentType] = Problem.contentType
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try response()
    }
}

/// An error of some other part that has a meaning for the client, so that it does not become 500.
public protocol ProblemConvertible: Error {
    var problemError: ProblemError { get }
}

extension ProblemError {
    public static let unauthenticated = ProblemError(.unauthorized, .unauthenticated, "Sign in first.")
    public static let forbidden = ProblemError(.forbidden, .forbidden, "This is not allowed.")
    public static let notFound = ProblemError(.notFound, .notFound, "There is nothing here.")
    public static let internalError = ProblemError(
        .internalServerError, .internalError, "Something went wrong on the server.")
    public static let payloadTooLarge = ProblemError(
        .contentTooLarge, .payloadTooLarge, "The request is too large.",
        detail: "At most \(Limits.requestBody) bytes are taken.")
    public static let unsupportedMediaType = ProblemError(
        .unsupportedMediaType, .unsupportedMediaType, "The body must be application/json.")

    public static func badRequest(_ detail: String, fields: [FieldProblem]? = nil) -> ProblemError {
        ProblemError(.badRequest, .badRequest, "The request could not be understood.", detail: detail, fields: fields)
    }

    public static func validation(_ fields: [FieldProblem]) -> ProblemError {
        ProblemError(.badRequest, .validationFailed, "Some fields can't be accepted.", fields: fields)
    }

    public static func conflict(_ code: ErrorCode = .conflict, _ title: String) -> ProblemError {
        ProblemError(.conflict, code, title)
    }

    /// 503: something that is needed is away. The client may come back after `retryAfter` seconds.
    public static func unavailable(_ detail: String? = nil, retryAfter: Int = 2) -> ProblemError {
        ProblemError(
            .serviceUnavailable, .unavailable, "This is not available at the moment.", detail: detail,
            retryAfter: retryAfter)
    }

    /// 429. `retryAfter` is rounded up to whole seconds.
    public static func tooManyRequests(retryAfter: Duration) -> ProblemError {
        ProblemError(
            .tooManyRequests, .tooManyRequests, "That was too often. Try again later.",
            retryAfter: retryAfter.wholeSecondsUp)
    }

    static func methodNotAllowed(_ allowed: [String]) -> ProblemError {
        ProblemError(
            .methodNotAllowed, .methodNotAllowed, "This method is not possible here.",
            headers: [.allow: allowed.joined(separator: ", ")])
    }
}
