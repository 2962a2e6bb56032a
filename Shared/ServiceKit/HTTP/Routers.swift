import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol

/// The router of a service's public listener. Outermost first: request id, security headers, log, metrics, errors as problems,
/// access token.
///
/// - Parameter accessTokens: Reads bearer tokens into `context.account`. Without it nobody is ever signed in.
public func makePublicRouter(
    trustedProxies: TrustedProxies = .loopback, accessTokens: AccessTokenVerifier? = nil,
    registry: PrometheusRegistry = .shared
) -> Router<ServiceRequestContext> {
    let router = makeRouter(trustedProxies: trustedProxies, logLevel: .info, registry: registry)
    if let accessTokens { router.add(middleware: AuthMiddleware(accessTokens)) }
    return router
}

func makeRouter(
    trustedProxies: TrustedProxies, logLevel: Logger.Level, registry: PrometheusRegistry
) -> Router<ServiceRequestContext> {
    let router = Router(context: ServiceRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestIDMiddleware(trustedProxies: trustedProxies))
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(middleware: LogMiddleware(level: logLevel))
    router.add(middleware: MetricsMiddleware(registry: registry))
    router.add(middleware: ProblemMiddleware())
    return router
}

extension Router<ServiceRequestContext> {
    /// Answers 405 with `Allow` where a path is known and the method is not; the router by itself says 404. To be called when
    /// all routes are there; `serve` does it, tests with `HummingbirdTesting` call it themselves.
    @discardableResult
    public func refusingOtherMethods() -> Self {
        let known: [HTTPRequest.Method] = [.get, .put, .post, .patch, .delete, .options, .trace]
        var methods: [String: (path: RouterPath, taken: Set<HTTPRequest.Method>)] = [:]
        for route in routes { methods[route.path.description, default: (route.path, [])].taken.insert(route.method) }
        for (_, entry) in methods {
            let allowed = entry.taken.map(\.rawValue).sorted()
            var refused = known
            if !entry.taken.contains(.get) { refused.append(.head) }
            for method in refused where !entry.taken.contains(method) {
                on(entry.path, method: method) { _, _ -> Response in throw ProblemError.methodNotAllowed(allowed) }
            }
        }
        return self
    }
}
