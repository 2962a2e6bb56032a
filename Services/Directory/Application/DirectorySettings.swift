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
/// - `PARLEY_ROOM_GRACE_DAYS` (30–3650, default 90): days for which an expired room is kept before it is removed for good.
/// - `PARLEY_AUDIT_DAYS` (30–3650, default 365): days for which audit entries are kept.
/// - `PARLEY_SMTP_URL` (`smtp://host:port` or `smtps://host:port`): the server that takes mail. Without it there is no mail.
/// - `PARLEY_MAIL_FROM` (required with it): who sends, such as `Parley <parley@example.org>`.
/// - `PARLEY_SMTP_USER`, `PARLEY_SMTP_PASSWORD` (secret): both or none.
/// - `PARLEY_SMTP_TLS` (`required` or `none`, default `required`): `none` is for a server on this machine or the inner network.
/// - `PARLEY_SMTP_CA_FILE`: PEM file of the authorities that are trusted, instead of the system's.
/// - `PARLEY_PIN_KEY` (secret, at least 32 bytes, required): PINs are encrypted under it. When it is lost, so are the PINs.
/// - `PARLEY_HISTORY_DAYS` (0–3650, default 90): how long it is known which meetings there were; 0: not at all.
public struct DirectorySettings: Sendable {
    public var service: ServiceSettings
    public var database: PostgresConfiguration
    public var redis: RedisConfiguration
    public var identityURL: String
    public var signalingURL: String
    public var pinKey: [UInt8]
    /// Days for which an expired room is kept before it is removed for good.
    public var roomGraceDays = 90
    /// Days for which audit entries are kept.
    public var auditDays = 365
    /// How long it is known which meetings there were; 0: not at all.
    public var historyDays: Int
    /// Absent: no mail is sent.
    public var mail: MailSettings?
    /// Comes before every key in Redis.
    public var redisKeyPrefix: String

    public init(
        service: ServiceSettings, database: PostgresConfiguration, redis: RedisConfiguration, identityURL: String,
        signalingURL: String, pinKey: [UInt8], historyDays: Int = 90, redisKeyPrefix: String = "parley:directory:"
    ) {
        self.service = service
        self.database = database
        self.database.schema = directoryMigrator.schema
        self.redis = redis
        self.identityURL = identityURL
        self.signalingURL = signalingURL
        self.pinKey = pinKey
        self.historyDays = historyDays
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
        let graceDays = settings.int(
            "ROOM_GRACE_DAYS", "days for which an expired room is kept", in: 30...3_650, default: 90)
        let auditDays = settings.int(
            "AUDIT_DAYS", "days for which audit entries are kept", in: 30...3_650, default: 365)
        let historyDays = settings.int(
            "HISTORY_DAYS", "how long the history of meetings is kept, in days", in: 0...3_650, default: 90)
        let mail = MailSettings.read(settings)
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL can't be read"]) }
        self.init(
            service: service, database: database, redis: redis, identityURL: identityURL, signalingURL: signalingURL,
            pinKey: pinKey, historyDays: historyDays)
        roomGraceDays = graceDays
        self.auditDays = auditDays
        self.mail = mail
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
