import Hummingbird
import Logging
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// The service, put together and not yet running.
public struct Identity {
    public let settings: IdentitySettings
    /// Of the public listener.
    public let router: Router<ServiceRequestContext>
    /// What runs beside the listeners, each after those it needs.
    public let services: [any Service]
    let readiness: [ReadinessCheck]
    let keySet: KeySetRoutes
    let revocations: RevocationRoutes
    let removedAccounts: RemovedAccountRoutes
    let presenceProfiles: PresenceProfileRoutes
    let organizations: OrganizationCallRoutes
    let logger: Logger

    /// With both listeners.
    public func serviceGroup(
        handlesSignals: Bool = true,
        onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
    ) -> ServiceGroup {
        serve(
            settings.service, publicRouter: router, innerRoutes: keySet.addInner,
            internalRoutes: {
                revocations.addInternal(to: $0)
                removedAccounts.addInternal(to: $0)
                presenceProfiles.addInternal(to: $0)
                organizations.addInternal(to: $0)
            },
            readiness: readiness, services: services,
            handlesSignals: handlesSignals, logger: logger, onListening: onListening)
    }
}

/// Puts the service together, for production and for tests.
public func buildIdentity(_ settings: IdentitySettings, logger: Logger) async throws -> Identity {
    let parts = await IdentityParts(settings, logger: logger)
    let router = makePublicRouter(
        trustedProxies: settings.service.trustedProxies, accessTokens: parts.tokens.verifier)
    let keySet = KeySetRoutes(tokens: parts.tokens)
    keySet.addPublic(to: router)
    parts.addRoutes(to: router)
    router.addOpenAPI("api/identity/openapi.json", document: PackageResources.openapi_json)
    let (pool, redis, tokens) = (parts.pool, parts.redis, parts.tokens)
    return Identity(
        settings: settings, router: router,
        services: [pool, redis, parts.hasher, parts.directoryThreads, tokens, parts.sweeper],
        readiness: [
            ReadinessCheck("postgres") { await pool.isReady() },
            ReadinessCheck("redis") { await redis.isReady() },
            ReadinessCheck("signing_keys") { tokens.isReady },
        ],
        keySet: keySet, revocations: RevocationRoutes(revocations: parts.revocations),
        removedAccounts: RemovedAccountRoutes(removed: RemovedAccountStore(pool: pool)),
        presenceProfiles: PresenceProfileRoutes(profiles: PresenceProfileStore(pool: pool)),
        organizations: OrganizationCallRoutes(organizations: parts.organizations), logger: logger)
}
