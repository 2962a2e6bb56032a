import Hummingbird
import Logging
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// What presence has for telephone systems: tokens with which they read, and webhooks by which they are told.
struct TelephoneParts: Sendable {
    let readTokens: ReadTokenStore
    let gate: ReadTokenGate
    /// Runs beside the listeners, after database and Redis.
    let pump: WebhookPump
    private let people: NamedPeopleRoutes
    private let webhooks: WebhookRoutes

    /// - Parameters:
    ///   - identity: towards identity, which knows the names of accounts.
    ///   - clusterSecret: under which the secrets of webhooks are sealed.
    ///   - keyPrefix: comes before every key in Redis.
    init(
        pool: PostgresPool, redis: RedisClient, people: People, identity: ServiceClient, clusterSecret: [UInt8],
        keyPrefix: String = "parley:presence:", logger: Logger
    ) {
        readTokens = ReadTokenStore(pool: pool)
        gate = ReadTokenGate(tokens: readTokens, redis: redis, keyPrefix: keyPrefix)
        self.people = NamedPeopleRoutes(
            gate: gate, people: NamedPeople(people: people, names: AccountNames(identity: identity)))
        webhooks = WebhookRoutes(webhooks: WebhookStore(pool: pool), letters: DeadLetterStore(pool: pool))
        pump = WebhookPump(
            queue: WebhookQueue(pool: pool), people: people, vault: WebhookSecretVault(clusterSecret: clusterSecret),
            logger: logger)
    }

    /// What is read with a read token. To be called before the middleware that takes every bearer token for an access token is added.
    func addReading(to router: Router<ServiceRequestContext>) {
        people.add(to: router)
    }

    /// What an organization's administrators do with an access token.
    /// - Parameter group: `/api/presence`.
    func addAdministration(to group: RouterGroup<ServiceRequestContext>) {
        ReadTokenRoutes(tokens: readTokens).add(to: group)
        webhooks.add(to: group)
    }
}
