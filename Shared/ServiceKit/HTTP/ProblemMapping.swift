import HTTPTypes
import Hummingbird
import ParleyProtocol

/// Which problem an error is. Unknown errors are ours: 500, and nothing about them reaches the client.
enum ProblemMapping {
    static func problem(for error: any Error) -> ProblemError {
        switch error {
        case let problem as ProblemError: problem
        case let convertible as any ProblemConvertible: convertible.problemError
        case let http as HTTPError: problem(status: http.status, headers: http.headers)
        case let other as any HTTPResponseError: problem(status: other.status, headers: [:])
        case is CancellationError: .unavailable()
        default: .internalError
        }
    }

    /// For errors of the HTTP library, which know a status only.
    private static func problem(status: HTTPResponse.Status, headers: HTTPFields) -> ProblemError {
        var problem =
            switch status.code {
            case 401: ProblemError.unauthenticated
            case 403: ProblemError.forbidden
            case 404: ProblemError.notFound
            case 405: ProblemError.methodNotAllowed([])
            case 409: ProblemError.conflict(.conflict, "This conflicts with what is there.")
            case 412:
                ProblemError(.preconditionFailed, .preconditionFailed, "It has been changed in the meantime.")
            case 413: ProblemError.payloadTooLarge
            case 415: ProblemError.unsupportedMediaType
            case 422: ProblemError(.unprocessableContent, .validationFailed, "Some fields can't be accepted.")
            case 428: ProblemError(.preconditionRequired, .preconditionRequired, "The header If-Match is needed.")
            case 429: ProblemError.tooManyRequests(retryAfter: .seconds(1))
            case 503: ProblemError.unavailable()
            case 400..<500: ProblemError(status, .badRequest, "The request could not be understood.")
            default: ProblemError.internalError
            }
        for field in headers where field.name != .contentType && field.name != .contentLength {
            problem.headers.append(field)
        }
        return problem
    }
}
