import Logging
import NIOPosix
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// What directory is made of: connections to others, stores, and what several routes share.
struct DirectoryParts: Sendable {
    let settings: DirectorySettings
    let logger: Logger
    let accessTokens: AccessTokenVerifier
    let schema: SchemaCheck

    // To others.
    let pool: PostgresPool
    let redis: RedisClient
    let identity: ServiceClient
    let identityCalls: IdentityCalls
    let signaling: SignalingCalls
    let mail: MailParts

    // What is kept.
    let rooms: RoomStore
    let appointments: AppointmentStore
    let owners: OwnerStore
    let audit: AuditStore
    let meetings: MeetingStore
    let bans: BanStore
    let budget: PINBudget

    // What routes share.
    let vault: PINVault
    let links: RoomLinks
    let orders: MeetingOrders
    let answers: RoomAnswers

    init(_ settings: DirectorySettings, logger: Logger, accessTokens: AccessTokenVerifier?) {
        self.settings = settings
        self.logger = logger
        let secret = settings.service.clusterSecret
        let tokens = ServiceTokens(clusterSecret: secret)
        self.accessTokens =
            accessTokens
            ?? AccessTokenVerifier(
                identityURL: settings.identityURL, for: .directory, clusterSecret: secret, logger: logger)
        schema = SchemaCheck(directoryMigrator, settings.database)
        pool = PostgresPool(settings.database, logger: logger)
        redis = RedisClient(settings.redis, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        identity = ServiceClient(from: .directory, to: .identity, baseURL: settings.identityURL, tokens: tokens)
        identityCalls = IdentityCalls(client: identity, logger: logger)
        signaling = SignalingCalls(baseURL: settings.signalingURL, tokens: tokens, logger: logger)
        vault = PINVault(secret: settings.pinKey)
        links = RoomLinks(publicURL: settings.service.publicURL)
        mail = MailParts.build(
            settings, pool: pool, vault: vault, links: links, identity: identityCalls, logger: logger)
        rooms = RoomStore(pool: pool, unknownValues: UnknownValues(logger: logger))
        appointments = AppointmentStore(
            pool: pool, notices: mail.notices, reader: AppointmentReader(logger: logger))
        owners = OwnerStore(pool: pool, appointments: appointments)
        audit = AuditStore(pool: pool)
        meetings = MeetingStore(pool: pool, days: settings.historyDays)
        bans = BanStore(pool: pool)
        budget = PINBudget(pool: pool)
        orders = MeetingOrders(store: rooms, signaling: signaling, logger: logger)
        answers = RoomAnswers(
            vault: vault, signaling: signaling, appointments: appointments, graceDays: settings.roomGraceDays)
    }

    // MARK: What runs

    /// Each after those it needs.
    var services: [any Service] {
        [
            pool, redis, accessTokens, orders, FormerOwners(store: owners, identity: identity, logger: logger),
            OrganizationWatch(identity: identity, logger: logger, keep: OrganizationStore(pool: pool).keep),
            Sweeper(
                ages: RoomAgeStore(pool: pool, appointments: appointments), budgets: budget, audit: audit,
                graceDays: settings.roomGraceDays, auditDays: settings.auditDays, logger: logger),
            MeetingSweeper(meetings: meetings, bans: bans, logger: logger),
        ] + mail.services
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
