import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Presence as one group, ready to run. Production and tests build it here.
///
/// - Parameters:
///   - accessTokens: instead of one that asks identity for its keys.
///   - handlesSignals: whether SIGTERM and SIGINT end it.
///   - onListening: called once, when both listeners are open.
public func buildPresence(
    _ settings: PresenceSettings, accessTokens: AccessTokenVerifier? = nil, handlesSignals: Bool = true,
    logger: Logger, onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
) -> ServiceGroup {
    let parts = PresenceParts(settings, logger: logger, accessTokens: accessTokens)
    return serve(
        settings.service,
        publicRouter: parts.publicRouter(),
        publicServer: parts.streams.server(settings),
        internalRoutes: { MeetingLeaseRoutes(people: parts.people).add(to: $0) },
        readiness: parts.readiness,
        services: parts.services,
        handlesSignals: handlesSignals,
        beforeStopping: { await parts.streams.drain.run(limit: .zero) {} },
        logger: logger,
        onListening: onListening)
}

extension PresenceParts {
    fileprivate func publicRouter() -> Router<ServiceRequestContext> {
        let router = makePublicRouter(trustedProxies: settings.service.trustedProxies)
        router.addOpenAPI("api/presence/openapi.json", document: PackageResources.openapi_json)
        // A read token is no access token.
        telephone.addReading(to: router)
        router.add(middleware: AuthMiddleware(accessTokens))
        let group = router.group("api/presence")
        OwnPresenceRoutes(
            people: people,
            changes: OwnPresenceRoutes.changes(redis: redis, keyPrefix: "\(settings.keyPrefix)parley:presence:")
        ).add(to: group)
        ColleagueRoutes(people: people).add(to: group)
        telephone.addAdministration(to: group)
        return router
    }
}
