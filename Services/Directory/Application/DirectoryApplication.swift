import Hummingbird
import Logging
import NIOPosix
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// The parts of directory, put together. Production and tests get them from the same `build`.
public struct DirectoryApplication: Sendable {
    /// Beside the listeners, each after those it needs.
    public let services: [any Service]
    public let readiness: [ReadinessCheck]
    private let settings: DirectorySettings
    private let accessTokens: AccessTokenVerifier
    private let rooms: RoomRoutes
    private let states: RoomStateRoutes
    private let entry: EntryRoutes
    private let appointments: AppointmentRoutes
    private let invitations: InvitationRoutes
    private let mailedInvitations: InvitationMailRoutes
    private let audit: AuditRoutes
    private let owners: OwnerRoutes
    private let meetings: MeetingRoutes
    private let bans: BanRoutes
    private let logger: Logger

    /// - Parameter accessTokens: Checks access tokens; by default with the keys that identity publishes.
    public static func build(
        _ settings: DirectorySettings, logger: Logger, accessTokens: AccessTokenVerifier? = nil
    ) -> DirectoryApplication {
        let pool = PostgresPool(settings.database, logger: logger)
        let redis = RedisClient(settings.redis, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let secret = settings.service.clusterSecret
        let accessTokens =
            accessTokens
            ?? AccessTokenVerifier(
                identityURL: settings.identityURL, for: .directory, clusterSecret: secret, logger: logger)
        let signaling = SignalingCalls(
            baseURL: settings.signalingURL, tokens: ServiceTokens(clusterSecret: secret), logger: logger)
        let tokens = ServiceTokens(clusterSecret: secret)
        let identity = ServiceClient(
            from: .directory, to: .identity, baseURL: settings.identityURL, tokens: tokens)
        let store = RoomStore(pool: pool)
        let vault = PINVault(secret: settings.pinKey)
        let orders = MeetingOrders(store: store, signaling: signaling, logger: logger)
        let links = RoomLinks(publicURL: settings.service.publicURL)
        let mail = MailParts.build(
            settings, pool: pool, vault: vault, links: links,
            identity: IdentityCalls(client: identity, logger: logger), logger: logger)
        let appointments = AppointmentStore(pool: pool, notices: mail.notices)
        let answers = RoomAnswers(
            vault: vault, signaling: signaling, appointments: appointments, graceDays: settings.roomGraceDays)
        let owners = OwnerStore(pool: pool)
        let audit = AuditStore(pool: pool)
        let budget = PINBudget(pool: pool)
        let meetings = MeetingStore(pool: pool, days: settings.historyDays)
        let bans = BanStore(pool: pool)
        let schema = SchemaCheck(settings.database)
        let prefix = settings.redisKeyPrefix
        return DirectoryApplication(
            services: [
                pool, redis, accessTokens, orders, FormerOwners(store: owners, identity: identity, logger: logger),
                OrganizationWatch(store: OrganizationStore(pool: pool), identity: identity, logger: logger),
                Sweeper(
                    ages: RoomAgeStore(pool: pool), budgets: budget, audit: audit, graceDays: settings.roomGraceDays,
                    auditDays: settings.auditDays, logger: logger),
                MeetingSweeper(meetings: meetings, bans: bans, logger: logger),
            ] + mail.services,
            readiness: [
                ReadinessCheck("database") { await pool.isReady() },
                ReadinessCheck("redis") { await redis.isReady() },
                ReadinessCheck("schema") { await schema.check() },
                accessTokens.readinessCheck,
            ],
            settings: settings,
            accessTokens: accessTokens,
            rooms: RoomRoutes(
                store: store, answers: answers, orders: orders,
                aliasChecks: RoomRoutes.aliasChecks(redis: redis, keyPrefix: prefix)),
            states: RoomStateRoutes(
                store: store, answers: answers, orders: orders,
                identity: IdentityCalls(client: identity, logger: logger)),
            entry: EntryRoutes(
                store: store, vault: vault, guesses: PINGuesses(redis: redis, keyPrefix: prefix, budget: budget),
                misses: EntryRoutes.misses(redis: redis, keyPrefix: prefix),
                tickets: TicketTokens(clusterSecret: secret), signaling: signaling, appointments: appointments,
                bans: bans),
            appointments: AppointmentRoutes(rooms: store, store: appointments, vault: vault, links: links),
            invitations: InvitationRoutes(rooms: store, vault: vault, links: links),
            mailedInvitations: InvitationMailRoutes(rooms: store, vault: vault, links: links, outbox: mail.outbox),
            audit: AuditRoutes(audit: audit), owners: OwnerRoutes(store: owners),
            meetings: MeetingRoutes(rooms: store, meetings: meetings), bans: BanRoutes(rooms: store, bans: bans),
            logger: logger)
    }

    public func publicRouter() -> Router<ServiceRequestContext> {
        let router = makePublicRouter(trustedProxies: settings.service.trustedProxies, accessTokens: accessTokens)
        let group = router.group("api/directory")
        rooms.add(to: group)
        states.add(to: group)
        entry.add(to: group)
        appointments.add(to: group)
        invitations.add(to: group)
        mailedInvitations.add(to: group)
        audit.add(to: group)
        meetings.add(to: group)
        bans.add(to: group)
        router.addOpenAPI("api/directory/openapi.json", document: PackageResources.openapi_json)
        return router
    }

    /// Routes below `/internal`, for other services.
    public func addInternalRoutes(to group: RouterGroup<ServiceRequestContext>) {
        states.addInternal(to: group)
        meetings.addInternal(to: group)
        bans.addInternal(to: group)
        owners.addInternal(to: group)
    }

    /// Everything with its listeners, until SIGTERM.
    public func serviceGroup() -> ServiceGroup {
        serve(
            settings.service, publicRouter: publicRouter(), internalRoutes: addInternalRoutes, readiness: readiness,
            services: services, logger: logger)
    }
}

/// Whether `migrate` has run. What was applied stays applied, so that a good answer holds.
private actor SchemaCheck {
    private let database: PostgresConfiguration
    private var isUpToDate = false

    init(_ database: PostgresConfiguration) {
        self.database = database
    }

    func check() async -> Bool {
        if isUpToDate { return true }
        guard let pending = try? await directoryMigrator.pending(database) else { return false }
        isUpToDate = pending.isEmpty
        return isUpToDate
    }
}
