import ParleyProtocol
import Postgres
import Redis
import ServiceKit

/// What directory needs to be told.
///
/// Configuration keys, besides those of `ServiceSettings`:
/// - `PARLEY_DATABASE_URL` (secret, required): PostgreSQL.
/// - `PARLEY_DATABASE_CONNECTIONS` (1–100, default 8): connections to it at most.
/// - `PARLEY_REDIS_URL` (secret, required): Redis, where guesses of PINs and aliases are counted.
/// - `PARLEY_IDENTITY_URL` (required): identity's inner listener, for the keys of access tokens.
/// - `PARLEY_SIGNALING_URL` (required): the inner listener of any signaling node.
/// - `PARLEY_PIN_KEY` (secret, at least 32 bytes, required): PINs are encrypted under it. When it is lost, so are the PINs.
public struct DirectorySettings: Sendable {
    public var service: ServiceSettings
    public var database: PostgresConfiguration
    public var redis: RedisConfiguration
    public var identityURL: String
    public var signalingURL: String
    public var pinKey: [UInt8]
    /// Comes before every key in Redis.
    public var redisKeyPrefix: String

    public init(
        service: ServiceSettings, database: PostgresConfiguration, redis: RedisConfiguration, identityURL: String,
        signalingURL: String, pinKey: [UInt8], redisKeyPrefix: String = "parley:directory:"
    ) {
        self.service = service
        self.database = database
        self.database.schema = directoryMigrator.schema
        self.redis = redis
        self.identityURL = identityURL
        self.signalingURL = signalingURL
        self.pinKey = pinKey
        self.redisKeyPrefix = redisKeyPrefix
    }

    /// - Throws: `SettingsError` with everything that is missing or wrong.
    public init(_ settings: Settings) throws {
        let service = ServiceSettings(settings, name: .directory)
        let database = Self.database(settings)
        let redisURL = settings.url("REDIS_URL", "the URL of Redis", schemes: ["redis", "rediss"])
        let redis = try? RedisConfiguration(url: redisURL)
        if redis == nil, !redisURL.isEmpty { settings.report("REDIS_URL", "it can't be read") }
        let identityURL = settings.url("IDENTITY_URL", "the URL of identity's inner listener")
        let signalingURL = settings.url("SIGNALING_URL", "the URL of the inner listener of a signaling node")
        let pinKey = settings.secret("PIN_KEY", "the key under which PINs are encrypted")
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL can't be read"]) }
        self.init(
            service: service, database: database, redis: redis, identityURL: identityURL, signalingURL: signalingURL,
            pinKey: pinKey)
    }

    /// What `migrate` needs; problems are kept in `settings`.
    public static func database(_ settings: Settings) -> PostgresConfiguration {
        PostgresConfiguration(
            url: settings.url("DATABASE_URL", "the URL of PostgreSQL", schemes: ["postgresql", "postgres"]),
            maximumConnections: settings.int(
                "DATABASE_CONNECTIONS", "connections to PostgreSQL at most", in: 1...100, default: 8),
            schema: directoryMigrator.schema, applicationName: "parley directory")
    }
}
