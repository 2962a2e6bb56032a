import Foundation
import Logging
import ParleyProtocol

/// What every service needs to be told.
///
/// Configuration keys:
/// - `PARLEY_HOST` (address, default `127.0.0.1`): where the public listener listens.
/// - `PARLEY_PORT` (0–65535; 0 takes any free port): its port, behind the gateway.
/// - `PARLEY_INNER_HOST` (address, default `PARLEY_HOST`), `PARLEY_INNER_PORT` (0–65535): the listener for health,
///   metrics and other services; it must not be reachable from outside.
/// - `PARLEY_LOG_LEVEL` (default `info`).
/// - `PARLEY_CLUSTER_SECRET` (secret, at least 32 bytes, required): the same for all services.
/// - `PARLEY_PUBLIC_URL` (required): where people reach Parley. Plain HTTP only on localhost.
/// - `PARLEY_TRUSTED_PROXIES` (list of addresses or networks, default loopback): whose `X-Forwarded-For` and
///   `X-Request-ID` are believed.
/// - `PARLEY_MAXIMUM_CONNECTIONS` (1–1000000, default 10000): open connections of the public listener; more wait.
/// - `PARLEY_DRAIN_SECONDS` (0–10, default 0): how long to go on serving after readiness has turned.
public struct ServiceSettings: Sendable {
    public var name: ServiceName
    public var host: String
    public var port: Int
    public var innerHost: String
    public var innerPort: Int
    public var logLevel: Logger.Level
    public var clusterSecret: [UInt8]
    /// Without a slash at its end.
    public var publicURL: String
    public var trustedProxies: TrustedProxies
    public var maximumConnections: Int
    public var drain: Duration

    public init(
        name: ServiceName, host: String = "127.0.0.1", port: Int = 0, innerHost: String? = nil, innerPort: Int = 0,
        logLevel: Logger.Level = .info, clusterSecret: [UInt8], publicURL: String = "http://localhost:8080",
        trustedProxies: TrustedProxies = .loopback, maximumConnections: Int = 10_000, drain: Duration = .zero
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.innerHost = innerHost ?? host
        self.innerPort = innerPort
        self.logLevel = logLevel
        self.clusterSecret = clusterSecret
        self.publicURL = publicURL
        self.trustedProxies = trustedProxies
        self.maximumConnections = maximumConnections
        self.drain = drain
    }

    /// Reads and checks; problems are kept in `settings` until its `finish`.
    public init(_ settings: Settings, name: ServiceName) {
        let ports = Self.defaultPorts(name)
        let host = settings.string("HOST", "the address to listen on", default: "127.0.0.1")
        self.init(
            name: name,
            host: host,
            port: settings.int("PORT", "the port behind the gateway", in: 0...65_535, default: ports.outer),
            innerHost: settings.string("INNER_HOST", "the address of the inner listener", default: host),
            innerPort: settings.int("INNER_PORT", "the inner port", in: 0...65_535, default: ports.inner),
            logLevel: settings.choice("LOG_LEVEL", "what is logged", default: Logger.Level.info),
            clusterSecret: settings.secret("CLUSTER_SECRET", "the secret that the services share"),
            publicURL: Self.publicURL(settings),
            trustedProxies: Self.trustedProxies(settings),
            maximumConnections: settings.int(
                "MAXIMUM_CONNECTIONS", "how many connections may be open", in: 1...1_000_000, default: 10_000),
            drain: settings.seconds("DRAIN_SECONDS", "the time to drain", in: 0...10, default: 0))
    }

    /// `scheme://host[:port]` of the public URL, as browsers send it in `Origin`.
    public var publicOrigin: String {
        guard let url = URLComponents(string: publicURL), let scheme = url.scheme, let host = url.host else {
            return publicURL
        }
        return "\(scheme.lowercased())://\(host.lowercased())" + (url.port.map { ":\($0)" } ?? "")
    }

    private static func defaultPorts(_ name: ServiceName) -> (outer: Int, inner: Int) {
        switch name {
        case .identity: (8_101, 9_101)
        case .directory: (8_102, 9_102)
        case .signaling: (8_103, 9_103)
        case .presence: (8_104, 9_104)
        }
    }

    private static func publicURL(_ settings: Settings) -> String {
        let text = settings.url("PUBLIC_URL", "the URL at which people reach Parley")
        guard let url = URLComponents(string: text), let scheme = url.scheme, let host = url.host else { return text }
        if !url.path.isEmpty || url.query != nil || url.fragment != nil || url.user != nil {
            settings.report("PUBLIC_URL", "it must be only scheme, host and port")
        }
        if scheme.lowercased() == "http", !["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased()) {
            settings.report("PUBLIC_URL", "plain http is for localhost only; browsers give no camera without https")
        }
        return text
    }

    private static func trustedProxies(_ settings: Settings) -> TrustedProxies {
        let networks = settings.list("TRUSTED_PROXIES", "the gateway's addresses", default: TrustedProxies.loopbackList)
        guard let proxies = TrustedProxies(networks) else {
            settings.report("TRUSTED_PROXIES", "each entry must be an address or a network such as 10.0.0.0/8")
            return .loopback
        }
        return proxies
    }
}
