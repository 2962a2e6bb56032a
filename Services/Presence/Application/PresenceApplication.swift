import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ParleyProtocol
import Redis
import ServiceKit
import ServiceLifecycle

/// The parts of presence, wired.
struct PresenceApplication {
    private let settings: PresenceSettings
    private let logger: Logger
    private let redis: RedisClient
    private let accessTokens: AccessTokenVerifier
    private let store: MeetingLeaseStore

    /// - Parameter accessTokens: instead of one that asks identity for its keys.
    init(
        _ settings: PresenceSettings, accessTokens: AccessTokenVerifier? = nil, eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        self.settings = settings
        self.logger = logger
        redis = RedisClient(settings.redis, eventLoopGroup: eventLoopGroup, logger: logger)
        self.accessTokens =
            accessTokens
            ?? AccessTokenVerifier(
                identityURL: settings.identityURL, for: .presence, clusterSecret: settings.service.clusterSecret,
                logger: logger)
        store = MeetingLeaseStore(redis: redis, lease: settings.lease, prefix: settings.keyPrefix)
    }

    func publicRouter() -> Router<ServiceRequestContext> {
        let router = makePublicRouter(trustedProxies: settings.service.trustedProxies, accessTokens: accessTokens)
        PresenceRoutes(store: store).add(to: router)
        return router
    }

    func serviceGroup(
        handlesSignals: Bool, onListening: @escaping @Sendable (ListeningPorts) async -> Void
    ) -> ServiceGroup {
        let redis = redis
        return serve(
            settings.service,
            publicRouter: publicRouter(),
            internalRoutes: { MeetingLeaseRoutes(store: store).add(to: $0) },
            readiness: [ReadinessCheck("redis") { await redis.isReady() }, accessTokens.readinessCheck],
            services: [redis, accessTokens],
            handlesSignals: handlesSignals,
            logger: logger,
            onListening: onListening)
    }
}

/// Presence as one group, ready to run. Production and tests build it here.
///
/// - Parameters:
///   - accessTokens: instead of one that asks identity for its keys.
///   - handlesSignals: whether SIGTERM and SIGINT end it.
///   - onListening: called once, when both listeners are open.
public func buildPresence(
    _ settings: PresenceSettings, accessTokens: AccessTokenVerifier? = nil,
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    handlesSignals: Bool = true, logger: Logger,
    onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
) -> ServiceGroup {
    PresenceApplication(settings, accessTokens: accessTokens, eventLoopGroup: eventLoopGroup, logger: logger)
        .serviceGroup(handlesSignals: handlesSignals, onListening: onListening)
}
