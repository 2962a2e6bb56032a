import Hummingbird
import Logging
import NIOPosix
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
    let logger: Logger

    /// With both listeners.
    public func serviceGroup(
        handlesSignals: Bool = true,
        onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
    ) -> ServiceGroup {
        serve(
            settings.service, publicRouter: router, innerRoutes: keySet.addInner, readiness: readiness,
            services: services, handlesSignals: handlesSignals, logger: logger, onListening: onListening)
    }
}

/// Puts the service together, for production and for tests.
public func buildIdentity(_ settings: IdentitySettings, logger: Logger) async throws -> Identity {
    let pool = PostgresPool(settings.database, logger: logger)
    let redis = RedisClient(
        settings.redis, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
    let hasher = PasswordHasher(cost: .standard(logN: settings.scryptLogN))
    let seal = SigningKeySeal(clusterSecret: settings.service.clusterSecret)
    let tokens = await AccessTokens(store: SigningKeyStore(pool: pool, seal: seal), logger: logger)
    let sessions = SessionStore(pool: pool)
    let signIn = SignIn(
        accounts: AccountStore(pool: pool), sessions: sessions, hasher: hasher,
        guesses: SignInGuard(redis: redis, keyPrefix: settings.redisKeyPrefix))

    let router = makePublicRouter(
        trustedProxies: settings.service.trustedProxies, accessTokens: tokens.verifier)
    let keySet = KeySetRoutes(tokens: tokens)
    keySet.addPublic(to: router)
    SessionRoutes(
        signIn: signIn, sessions: sessions, tokens: tokens, origin: OriginRule(publicURL: settings.service.publicURL)
    ).add(to: router)
    ColleagueRoutes(colleagues: ColleagueStore(pool: pool), sessions: sessions).add(to: router)

    return Identity(
        settings: settings, router: router,
        services: [pool, redis, hasher, tokens, SessionSweeper(sessions: sessions, logger: logger)],
        readiness: [
            ReadinessCheck("postgres") { await pool.isReady() },
            ReadinessCheck("redis") { await redis.isReady() },
            ReadinessCheck("signing_keys") { tokens.isReady },
        ],
        keySet: keySet, logger: logger)
}
