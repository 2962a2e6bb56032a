import ParleyProtocol
import Postgres
import Redis
import ServiceKit

/// What `identity serve` needs to be told.
///
/// Configuration keys, beside those of `ServiceSettings`, `DatabaseSettings` and `PARLEY_SCRYPT_LOG_N`:
/// - `PARLEY_REDIS_URL` (or `_FILE`; required): where guesses are counted.
/// - `PARLEY_DIRECTORY_URL` (required): directory's inner listener, for the rooms in a person's export.
/// - `PARLEY_SIGNING_KEY_DAYS` (1–365, default 30): the age at which the next key for access tokens is made.
/// - `PARLEY_AUDIT_DAYS` (30–3650, default 365): how long it is known what was done to accounts.
public struct IdentitySettings: Sendable {
    public var service: ServiceSettings
    public var database: PostgresConfiguration
    public var redis: RedisConfiguration
    public var directoryURL: String
    /// Of new password hashes: N = 2^this.
    public var scryptLogN: Int
    /// Comes before every key in Redis; tests have one of their own.
    public var redisKeyPrefix: String
    public var signingKeyDays = 30
    public var auditDays = 365
    /// Tests have less patience.
    var guessing = SignInGuard.Rules()

    public init(
        service: ServiceSettings, database: PostgresConfiguration, redis: RedisConfiguration, scryptLogN: Int,
        redisKeyPrefix: String, directoryURL: String = "http://127.0.0.1:9"
    ) {
        self.directoryURL = directoryURL
        self.redisKeyPrefix = redisKeyPrefix
        self.service = service
        self.database = database
        self.redis = redis
        self.scryptLogN = scryptLogN
    }

    /// - Throws: `SettingsError` with everything that is missing or wrong.
    public init(_ settings: Settings) throws {
        service = ServiceSettings(settings, name: .identity)
        database = DatabaseSettings.read(settings)
        redisKeyPrefix = "parley:"
        scryptLogN = PasswordSettings.logN(settings)
        signingKeyDays = settings.int(
            "SIGNING_KEY_DAYS", "the age of the next signing key, in days", in: 1...365, default: 30)
        auditDays = settings.int("AUDIT_DAYS", "how long the audit is kept, in days", in: 30...3_650, default: 365)
        directoryURL = settings.url("DIRECTORY_URL", "the inner URL of directory")
        let redis = Self.redis(settings)
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL is wrong"]) }
        self.redis = redis
    }

    private static func redis(_ settings: Settings) -> RedisConfiguration? {
        let url = settings.string("REDIS_URL", "the Redis in which guesses are counted")
        guard !url.isEmpty else { return nil }
        do {
            return try RedisConfiguration(url: url)
        } catch {
            settings.report("REDIS_URL", (error as? RedisError)?.message ?? "it can't be used")
            return nil
        }
    }
}

/// Configuration keys:
/// - `PARLEY_DATABASE_URL` (or `_FILE`; required): the PostgreSQL with the schema `identity`.
public enum DatabaseSettings {
    static let schema = "identity"

    /// Reads; problems are kept in `settings` until its `finish`.
    public static func read(_ settings: Settings) -> PostgresConfiguration {
        configuration(url: settings.string("DATABASE_URL", "the PostgreSQL with organizations and accounts"))
    }

    public static func configuration(url: String) -> PostgresConfiguration {
        PostgresConfiguration(url: url, schema: schema, applicationName: "parley identity")
    }
}

/// Configuration keys:
/// - `PARLEY_SCRYPT_LOG_N` (10–20, default 15): what new password hashes cost. Less than 15 is for tests.
public enum PasswordSettings {
    /// Reads; problems are kept in `settings` until its `finish`.
    public static func logN(_ settings: Settings) -> Int {
        settings.int("SCRYPT_LOG_N", "the cost of password hashes", in: 10...20, default: 15)
    }
}
