import HTTPTypes
import Hummingbird
import ParleyProtocol

/// Reads `Authorization: Bearer …` into `context.account`. Without the header the request goes on as nobody's; with one that
/// is not valid it ends with 401.
public struct AuthMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext
    private let verifier: AccessTokenVerifier

    public init(_ verifier: AccessTokenVerifier) {
        self.verifier = verifier
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization] else { return try await next(request, context) }
        var context = context
        context.account = try await verifier.verify(try bearerToken(header))
        return try await next(request, context)
    }
}

/// Lets only services in, with a token made for this one. Sets `context.caller`.
public struct ServiceAuthMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext
    private let audience: ServiceName
    private let tokens: ServiceTokens

    public init(audience: ServiceName, tokens: ServiceTokens) {
        self.audience = audience
        self.tokens = tokens
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization] else { throw ProblemError.unauthenticated }
        var context = context
        context.caller = try await tokens.verify(try bearerToken(header), audience: audience)
        return try await next(request, context)
    }
}

private func bearerToken(_ header: String) throws(ProblemError) -> String {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .unauthenticated }
    return String(parts[1])
}
