import Hummingbird
import Logging
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle

/// What presence has for telephone systems: tokens with which they read.
struct TelephoneParts: Sendable {
    let readTokens: ReadTokenStore
    private let people: NamedPeopleRoutes

    /// - Parameters:
    ///   - identity: towards identity, which knows the names of accounts.
    ///   - keyPrefix: comes before every key in Redis.
    init(
        pool: PostgresPool, redis: RedisClient, people: People, identity: ServiceClient,
        keyPrefix: String = "parley:presence:"
    ) {
        readTokens = ReadTokenStore(pool: pool)
        self.people = NamedPeopleRoutes(
            tokens: readTokens, people: NamedPeople(people: people, names: AccountNames(identity: identity)),
            requests: NamedPeopleRoutes.requests(redis: redis, keyPrefix: keyPrefix))
    }

    /// What is read with a read token. To be called before the middleware that takes every bearer token for an access token is added.
    func addReading(to router: Router<ServiceRequestContext>) {
        people.add(to: router)
    }

    /// What an organization's administrators do with an access token.
    /// - Parameter group: `/api/presence`.
    func addAdministration(to group: RouterGroup<ServiceRequestContext>) {
        ReadTokenRoutes(tokens: readTokens).add(to: group)
    }
}
