import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// Holds requests that change something against the `OriginRule`.
struct OriginMiddleware: RouterMiddleware {
    typealias Context = ServiceRequestContext

    let rule: OriginRule

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method != .get, request.method != .head else { return try await next(request, context) }
        let refusal = rule.refusal(
            origin: request.headers[.origin], hasCookie: SessionCookie.isPresent(in: request),
            contentType: request.headers[.contentType])
        switch refusal {
        case nil: return try await next(request, context)
        case .foreignOrigin:
            throw ProblemError(.forbidden, .originRefused, "The request does not come from Parley's own page.")
        case .notJSON: throw ProblemError.unsupportedMediaType
        }
    }
}
