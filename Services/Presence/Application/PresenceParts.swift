import Logging
import NIOPosix
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// What presence is made of: connections to others, stores, and what several routes share.
struct PresenceParts: Sendable {
    let settings: PresenceSettings
    let logger: Logger
    let accessTokens: AccessTokenVerifier
    let schema: SchemaCheck

    // To others.
    let pool: PostgresPool
    let redis: RedisClient
    let identity: ServiceClient

    let people: People
    let telephone: TelephoneParts
    let streams: StreamParts

    init(_ settings: PresenceSettings, logger: Logger, accessTokens: AccessTokenVerifier?) {
        self.settings = settings
        self.logger = logger
        let secret = settings.service.clusterSecret
        self.accessTokens =
            accessTokens
            ?? AccessTokenVerifier(
                identityURL: settings.identityURL, for: .presence, clusterSecret: secret, logger: logger)
        schema = SchemaCheck(presenceMigrator, settings.database)
        pool = PostgresPool(settings.database, logger: logger)
        redis = RedisClient(settings.redis, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        identity = ServiceClient(
            from: .presence, to: .identity, baseURL: settings.identityURL,
            tokens: ServiceTokens(clusterSecret: secret))
        people = People(
            store: PeopleStore(redis: redis, lease: settings.lease, prefix: settings.keyPrefix),
            settings: PersonSettingsStore(pool: pool))
        telephone = TelephoneParts(
            pool: pool, redis: redis, people: people, identity: identity, clusterSecret: secret,
            keyPrefix: "\(settings.keyPrefix)parley:presence:", logger: logger)
        streams = StreamParts(people: people, accessTokens: self.accessTokens, logger: logger) {
            [telephone] token, source in
            try await telephone.gate.reader(token, from: source)
        }
    }

    /// Each after those it needs.
    var services: [any Service] {
        [
            pool, redis, accessTokens, streams.streams, streams.open, PeopleWatch(people: people, logger: logger),
            AccountWatch(
                store: AccountStore(pool: pool), people: people, identity: identity, logger: logger),
            OrganizationWatch(identity: identity, logger: logger, keep: OrganizationStore(pool: pool).keep),
            ReadTokenWatch(tokens: telephone.readTokens, open: streams.open, logger: logger), telephone.pump,
        ]
    }

    var readiness: [ReadinessCheck] {
        [
            ReadinessCheck("database") { [pool] in await pool.isReady() },
            ReadinessCheck("redis") { [redis] in await redis.isReady() },
            ReadinessCheck("schema") { [schema] in await schema.check() },
            accessTokens.readinessCheck,
        ]
    }
}
