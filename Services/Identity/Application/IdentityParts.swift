import Hummingbird
import LDAP
import Logging
import NIOPosix
import Postgres
import Redis
import ServiceKit

/// The parts of identity, wired.
struct IdentityParts {
    let settings: IdentitySettings
    let pool: PostgresPool
    let redis: RedisClient
    let hasher: PasswordHasher
    let tokens: AccessTokens
    let sessions: SessionStore
    let accounts: AccountStore
    let organizations: OrganizationStore
    let audit: AuditStore
    let revocations: RevocationStore
    let secondFactors: SecondFactorStore
    let offers: SecondFactorOffers
    let guesses: SignInGuard
    /// On which directories are asked.
    let directoryThreads = LDAPThreads()
    let connections: ConnectionStore
    let signIn: SignIn
    private let logger: Logger

    init(_ settings: IdentitySettings, logger: Logger) async {
        self.settings = settings
        self.logger = logger
        let secret = settings.service.clusterSecret
        pool = PostgresPool(settings.database, logger: logger)
        redis = RedisClient(settings.redis, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        hasher = PasswordHasher(cost: .standard(logN: settings.scryptLogN))
        tokens = await AccessTokens(
            store: SigningKeyStore(pool: pool, seal: SigningKeySeal(clusterSecret: secret)),
            rotationDays: settings.signingKeyDays, logger: logger)
        sessions = SessionStore(pool: pool)
        accounts = AccountStore(pool: pool)
        organizations = OrganizationStore(pool: pool)
        audit = AuditStore(pool: pool)
        revocations = RevocationStore(pool: pool)
        secondFactors = SecondFactorStore(pool: pool, clusterSecret: secret)
        offers = SecondFactorOffers(clusterSecret: secret)
        guesses = SignInGuard(redis: redis, keyPrefix: settings.redisKeyPrefix, rules: settings.guessing)
        connections = ConnectionStore(pool: pool, clusterSecret: secret)
        let directories = DirectorySignIn(
            connections: connections, accounts: ExternalAccounts(pool: pool), threads: directoryThreads,
            logger: logger)
        let store = SignInStore(pool: pool)
        signIn = SignIn(
            store: store,
            passwords: PasswordSignIn(
                store: store, accounts: accounts, hasher: hasher, directories: directories),
            accounts: accounts, secondFactors: secondFactors, offers: offers, sessions: sessions, guesses: guesses,
            deviceKey: KnownDevice.DeviceKey(clusterSecret: secret))
    }

    var sweeper: Sweeper {
        Sweeper(
            sessions: sessions, revocations: revocations, removedAccounts: RemovedAccountStore(pool: pool),
            audit: audit,
            auditDays: settings.auditDays, logger: logger)
    }

    func addRoutes(to router: Router<ServiceRequestContext>) {
        let callers = Callers(sessions: sessions)
        let profiles = ProfileStore(pool: pool)
        let pictures = PictureStore(pool: pool)
        let exports = AccountExports(
            organizations: organizations, accounts: accounts, profiles: profiles, sessions: sessions, audit: audit,
            rooms: RoomRecordCalls(
                directoryURL: settings.directoryURL, clusterSecret: settings.service.clusterSecret))
        let reauthenticate = Reauthenticator(
            passwords: signIn.passwords, secondFactors: secondFactors, guesses: guesses, store: signIn.store)
        SessionRoutes(
            signIn: signIn, sessions: sessions, tokens: tokens,
            origin: OriginRule(publicURL: settings.service.publicURL)
        ).add(to: router)
        SessionListRoutes(callers: callers, sessions: sessions, audit: audit).add(to: router)
        ColleagueRoutes(colleagues: ColleagueStore(pool: pool), callers: callers).add(to: router)
        ProfileRoutes(
            callers: callers, profiles: profiles, accounts: accounts, pictures: pictures,
            reauthenticate: reauthenticate, hasher: hasher, exports: exports
        ).add(to: router)
        PictureRoutes(callers: callers, sessions: sessions, pictures: pictures).add(to: router)
        SecondFactorRoutes(
            callers: callers, reauthenticate: reauthenticate, secondFactors: secondFactors, offers: offers
        ).add(to: router)
        AccountRoutes(
            callers: callers, accounts: accounts, sessions: sessions, secondFactors: secondFactors, hasher: hasher,
            reauthenticate: reauthenticate, exports: exports, audit: audit
        ).add(to: router)
        OrganizationRoutes(callers: callers, organizations: organizations).add(to: router)
        AuditRoutes(callers: callers, audit: audit).add(to: router)
        ProviderRoutes(
            provider: ProviderSignIn(
                connections: connections, accounts: ExternalAccounts(pool: pool),
                publicURL: settings.service.publicURL, clusterSecret: settings.service.clusterSecret, logger: logger),
            organizations: organizations, signIn: signIn,
            visits: window("provider-visit", ProviderRoutes.visits),
            questions: window("sign-in-options", ProviderRoutes.questions)
        ).add(to: router)
    }

    /// Counts by source in a minute.
    private func window(_ name: String, _ limit: Int) -> FixedWindow {
        FixedWindow(
            redis: redis, name: name, limit: limit, window: .seconds(60), keyPrefix: settings.redisKeyPrefix)
    }
}
