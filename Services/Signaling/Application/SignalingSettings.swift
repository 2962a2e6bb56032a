import Foundation
import Logging
import ParleyProtocol
import Redis
import ServiceKit

/// What signaling needs to be told.
///
/// Configuration keys, beside those of every service:
/// - `PARLEY_REDIS_URL` (required): `redis://` or `rediss://`.
/// - `PARLEY_IDENTITY_URL`, `PARLEY_DIRECTORY_URL`, `PARLEY_PRESENCE_URL` (required): inner listeners of these services.
/// - `PARLEY_PRESENCE_URL` may be a list: when one process of presence does not answer, the next one is asked.
/// - `PARLEY_JANUS_URLS` (list of `ws://` or `wss://`, required): the media nodes. Each is known by its URL, so all signaling
///   nodes must be given the same ones.
/// - `PARLEY_JANUS_API_SECRET`, `PARLEY_JANUS_ADMIN_KEY` (secrets, at least 16 bytes, required).
/// - `PARLEY_TURN_URLS` (list of `stun:`, `turn:` or `turns:` URLs, optional), `PARLEY_TURN_SECRET` (secret, required with
///   TURN): `static-auth-secret` of coturn.
/// - `PARLEY_ALLOWED_ORIGINS` (list, default: the origin of `PARLEY_PUBLIC_URL`): whose pages may open sockets.
/// - `PARLEY_CHAT_RETENTION` (hours, 0–8760, default 24): how long a room's chat is kept after its last use; 0: not at all, not
///   even for who comes late.
/// - `PARLEY_SOCKETS_PER_ADDRESS` (1–1000000, default 200): open sockets of one client address, IPv6 by its /64 network.
/// - `PARLEY_MESSAGE_RATE_FACTOR` (1–1000000, default 1): how many times as much one socket and one room may say as people at
///   browsers need. For load generators.
/// - `PARLEY_DRAIN_LIMIT` (seconds, 0–3600, default 25): how long clients may take to move to another node at the end.
/// - `PARLEY_NODE` (default: random): a name for logs; some chance is added to it at each start.
public struct SignalingSettings: Sendable {
    public var service: ServiceSettings
    public var redis: RedisConfiguration
    public var identityURL: String
    public var directoryURL: String
    /// Of any of these it is enough that one answers.
    public var presenceURLs: [String]
    public var janusURLs: [String]
    public var janusAPISecret: String
    public var janusAdminKey: String
    public var turnURLs: [String]
    public var turnSecret: [UInt8]
    public var allowedOrigins: [String]
    public var node: String
    public var socketsPerAddress = Limits.socketsPerAddress
    var times = SignalingTimes()

    public init(
        service: ServiceSettings, redis: RedisConfiguration, identityURL: String = "http://127.0.0.1:9",
        directoryURL: String, presenceURLs: [String], janusURLs: [String] = [], janusAPISecret: String = "",
        janusAdminKey: String = "", turnURLs: [String] = [],
        turnSecret: [UInt8] = [], allowedOrigins: [String]? = nil, node: String? = nil
    ) {
        self.service = service
        self.redis = redis
        self.identityURL = identityURL
        self.directoryURL = directoryURL
        self.presenceURLs = presenceURLs
        self.janusURLs = janusURLs
        self.janusAPISecret = janusAPISecret
        self.janusAdminKey = janusAdminKey
        self.turnURLs = turnURLs
        self.turnSecret = turnSecret
        self.allowedOrigins = allowedOrigins ?? [service.publicOrigin]
        self.node = node ?? "signaling"
    }

    /// Reads and checks everything.
    ///
    /// - Throws: `SettingsError` with all problems at once.
    public init(_ settings: Settings) throws {
        let service = ServiceSettings(settings, name: .signaling)
        let turnURLs = Self.turnURLs(settings)
        let hasRelay = turnURLs.contains { $0.hasPrefix("turn") }
        let redisURL = settings.string("REDIS_URL", "the URL of Redis")
        var redis: RedisConfiguration?
        do {
            redis = redisURL.isEmpty ? nil : try RedisConfiguration(url: redisURL)
        } catch let error as RedisError {
            settings.report("REDIS_URL", error.message)
        }
        let identityURL = settings.url("IDENTITY_URL", "the inner URL of identity")
        let directoryURL = settings.url("DIRECTORY_URL", "the inner URL of directory")
        let presenceURLs = settings.urls("PRESENCE_URL", "the inner URL of presence, or of each of its processes")
        let janusURLs = settings.urls("JANUS_URLS", "the URLs of the media nodes", schemes: ["ws", "wss"])
        let apiSecret = settings.secretText("JANUS_API_SECRET", "api_secret of Janus", minimumBytes: 16)
        let adminKey = settings.secretText("JANUS_ADMIN_KEY", "admin_key of the VideoRoom plugin", minimumBytes: 16)
        let turnSecret =
            hasRelay ? settings.secret("TURN_SECRET", "static-auth-secret of coturn", minimumBytes: 16) : []
        let origins = settings.list("ALLOWED_ORIGINS", "origins of pages", default: [service.publicOrigin])
        let node = settings.string("NODE", "the name of this node", default: "signaling")
        var times = SignalingTimes()
        let hours = settings.int(
            "CHAT_RETENTION", "hours that chat is kept", in: 0...8_760, default: Limits.chatRetention / 3_600)
        times.chatRetention = .seconds(3_600) * hours
        times.drainLimit = settings.seconds(
            "DRAIN_LIMIT", "how long clients may take to move", in: 0...3_600, default: 25)
        times.rateFactor = Double(
            settings.int("MESSAGE_RATE_FACTOR", "how much more may be said", in: 1...1_000_000, default: 1))
        let socketsPerAddress = settings.int(
            "SOCKETS_PER_ADDRESS", "open sockets of one client address", in: 1...1_000_000,
            default: Limits.socketsPerAddress)
        if !Self.isNodeName(node) { settings.report("NODE", "it must be 1 to 40 letters, digits, `-`, `_` or `.`") }
        try settings.finish()
        guard let redis else { throw SettingsError(problems: ["PARLEY_REDIS_URL is missing: the URL of Redis"]) }
        self.init(
            service: service, redis: redis, identityURL: identityURL, directoryURL: directoryURL,
            presenceURLs: presenceURLs, janusURLs: janusURLs, janusAPISecret: apiSecret, janusAdminKey: adminKey,
            turnURLs: turnURLs,
            turnSecret: turnSecret, allowedOrigins: origins, node: node)
        self.socketsPerAddress = socketsPerAddress
        self.times = times
    }

    private static func turnURLs(_ settings: Settings) -> [String] {
        let urls = settings.list("TURN_URLS", "STUN and TURN servers", default: [])
        if !urls.allSatisfy({ url in ["stun:", "stuns:", "turn:", "turns:"].contains { url.hasPrefix($0) } }) {
            settings.report("TURN_URLS", "each must start with stun:, stuns:, turn: or turns:")
        }
        return urls
    }

    private static func isNodeName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }
}
