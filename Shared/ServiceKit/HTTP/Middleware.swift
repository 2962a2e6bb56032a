import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import ParleyProtocol

extension HTTPField.Name {
    public static let requestID = named("X-Request-ID")
    static let forwardedFor = named("X-Forwarded-For")
    static let contentTypeOptions = named("X-Content-Type-Options")

    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let field = HTTPField.Name("\(name)") else { preconditionFailure("not the name of a header: \(name)") }
        return field
    }
}

/// Gives the request its id and the client its address, from the headers of trusted proxies only, and puts the id into every
/// log line and into the answer.
public struct RequestIDMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext
    private let trustedProxies: TrustedProxies

    public init(trustedProxies: TrustedProxies) {
        self.trustedProxies = trustedProxies
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if trustedProxies.contains(context.peerAddress) {
            if let given = request.headers[.requestID], RequestID.isAcceptable(given) { context.requestID = given }
            context.clientAddress = trustedProxies.client(
                peer: context.peerAddress, forwardedFor: request.headers[.forwardedFor])
        }
        context.logger[metadataKey: RequestID.metadataKey] = .string(context.requestID)
        let identified = context
        var response = try await RequestID.$current.withValue(identified.requestID) {
            try await withLogger(identified.logger) { _ in try await next(request, identified) }
        }
        response.headers[.requestID] = identified.requestID
        return response
    }
}

/// Answers of services are data for the page: not to be cached, not to be guessed at. The gateway adds the rest.
public struct SecurityHeadersMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext

    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers[.contentTypeOptions] = "nosniff"
        return response
    }
}

/// One line per request: method, pattern of the route, status and duration. The path itself is not logged: it may hold what
/// is not meant for logs.
public struct LogMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext
    private let level: Logger.Level

    public init(level: Logger.Level = .info) {
        self.level = level
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        context.logger.log(
            level: level, "Request handled",
            metadata: [
                "http.method": .string(RequestLabels.method(request.method)),
                "http.route": .string(RequestLabels.route(context)),
                "http.status": .stringConvertible(response.status.code),
                "duration_ms": .stringConvertible((ContinuousClock.now - start).wholeMilliseconds),
            ])
        return response
    }
}

/// Makes every error an answer with a problem, and logs those that are ours.
public struct ProblemMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext

    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The connection is beyond repair; the server answers 400 and closes it.
            throw error
        } catch {
            let problem = ProblemMapping.problem(for: error)
            if problem.status.code >= 500 { log(error, problem, context) }
            return try problem.response()
        }
    }

    private func log(_ error: any Error, _ problem: ProblemError, _ context: Context) {
        let isOurs = problem.code == .internalError
        context.logger.log(
            level: isOurs ? .error : .warning, isOurs ? "A request failed" : "A request could not be served",
            metadata: [
                "error": .string(String(describing: error)), "error.type": .string("\(type(of: error))"),
                "http.route": .string(RequestLabels.route(context)), "code": .string(problem.code.rawValue),
            ])
    }
}

/// Values of labels and log fields, from a bounded set.
enum RequestLabels {
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    static func method(_ method: HTTPRequest.Method) -> String {
        methods.contains(method) ? method.rawValue : "OTHER"
    }

    static func route(_ context: ServiceRequestContext) -> String {
        guard let route = context.endpointPath, route != "NotFound" else { return "unmatched" }
        return route
    }
}
