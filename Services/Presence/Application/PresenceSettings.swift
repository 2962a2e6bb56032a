import ParleyProtocol
import Redis
import ServiceKit

/// What presence needs to be told.
///
/// Configuration keys, beside those of `ServiceSettings`:
/// - `PARLEY_REDIS_URL` (required): `redis://` or `rediss://`, see `RedisConfiguration`.
/// - `PARLEY_IDENTITY_URL` (required): identity's inner listener, where the keys of access tokens are.
public struct PresenceSettings: Sendable {
    public var service: ServiceSettings
    public var redis: RedisConfiguration
    /// Without a slash at its end.
    public var identityURL: String
    /// How long a person stays busy after the last sign of their meeting.
    public var lease: Duration
    /// Stands in front of every key, for tests that share a Redis.
    public var keyPrefix: String

    public init(
        service: ServiceSettings, redis: RedisConfiguration, identityURL: String,
        lease: Duration = .seconds(Limits.presenceLease), keyPrefix: String = ""
    ) {
        self.service = service
        self.redis = redis
        self.identityURL = identityURL
        self.lease = lease
        self.keyPrefix = keyPrefix
    }

    /// - Throws: `SettingsError` with everything that is missing or wrong.
    public init(_ settings: Settings) throws {
        let service = ServiceSettings(settings, name: .presence)
        let identityURL = settings.url("IDENTITY_URL", "the inner address of identity")
        let redis = Self.redis(settings)
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL is missing: where Redis is"]) }
        self.init(service: service, redis: redis, identityURL: identityURL)
    }

    /// Nil after the problem has been reported.
    private static func redis(_ settings: Settings) -> RedisConfiguration? {
        let url = settings.string("REDIS_URL", "where Redis is")
        guard !url.isEmpty else { return nil }
        do {
            return try RedisConfiguration(url: url)
        } catch {
            settings.report("REDIS_URL", (error as? RedisError)?.message ?? "it cannot be read")
            return nil
        }
    }
}
