import ParleyProtocol
import Postgres
import Redis
import ServiceKit

/// What presence needs to be told.
///
/// Configuration keys, beside those of `ServiceSettings`:
/// - `PARLEY_DATABASE_URL` (secret, required): PostgreSQL.
/// - `PARLEY_DATABASE_CONNECTIONS` (1–100, default 8): connections to it at most.
/// - `PARLEY_REDIS_URL` (secret, required): `redis://` or `rediss://`, see `RedisConfiguration`.
/// - `PARLEY_IDENTITY_URL` (required): identity's inner listener, for the keys of access tokens, and what people have chosen.
/// - `PARLEY_STREAMS_PER_ADDRESS` (1–1000000, default 5000): open streams of one client address, IPv6 by its /64 network: a whole
///   company may be behind one.
public struct PresenceSettings: Sendable {
    public var service: ServiceSettings
    public var database: PostgresConfiguration
    public var redis: RedisConfiguration
    /// Without a slash at its end.
    public var identityURL: String
    public var streamsPerAddress = 5_000
    /// How long a meeting or a device counts after its last sign.
    public var lease: Duration
    /// Stands in front of every key, for tests that share a Redis.
    public var keyPrefix: String

    public init(
        service: ServiceSettings, database: PostgresConfiguration, redis: RedisConfiguration, identityURL: String,
        lease: Duration = .seconds(Limits.presenceLease), keyPrefix: String = ""
    ) {
        self.service = service
        self.database = database
        self.database.schema = presenceMigrator.schema
        self.redis = redis
        self.identityURL = identityURL
        self.lease = lease
        self.keyPrefix = keyPrefix
    }

    /// - Throws: `SettingsError` with everything that is missing or wrong.
    public init(_ settings: Settings) throws {
        let service = ServiceSettings(settings, name: .presence)
        let database = Self.database(settings)
        let redisURL = settings.url("REDIS_URL", "the URL of Redis", schemes: ["redis", "rediss"])
        let redis = try? RedisConfiguration(url: redisURL)
        if redis == nil, !redisURL.isEmpty { settings.report("REDIS_URL", "it can't be read") }
        let identityURL = Self.identityURL(settings)
        let streamsPerAddress = settings.int(
            "STREAMS_PER_ADDRESS", "open streams of one client address", in: 1...1_000_000, default: 5_000)
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL can't be read"]) }
        self.init(service: service, database: database, redis: redis, identityURL: identityURL)
        self.streamsPerAddress = streamsPerAddress
    }

    /// Problems are kept in `settings`.
    static func identityURL(_ settings: Settings) -> String {
        settings.url("IDENTITY_URL", "the URL of identity's inner listener")
    }

    /// What `migrate` needs; problems are kept in `settings`.
    public static func database(_ settings: Settings) -> PostgresConfiguration {
        PostgresConfiguration(
            url: settings.url("DATABASE_URL", "the URL of PostgreSQL", schemes: ["postgresql", "postgres"]),
            maximumConnections: settings.int(
                "DATABASE_CONNECTIONS", "connections to PostgreSQL at most", in: 1...100, default: 8),
            schema: presenceMigrator.schema, applicationName: "parley presence")
    }
}
