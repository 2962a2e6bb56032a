import Foundation
import NIOCore
import NIOSSL

/// Where Redis is and how long to wait for it.
///
/// The URL is `redis://[[user]:password@]host[:port][/database]`; `rediss://` is the same over TLS with full verification.
/// User and password may be percent-encoded. The description leaves both out.
public struct RedisConfiguration: Sendable {
    struct Credentials: Sendable, Equatable {
        var user: String?
        var password: String
    }

    public let host: String
    public let port: Int
    /// Number of the logical database.
    public let database: Int
    /// From sending a command to its answer. A command that has no connection waits as long for one before.
    public let commandTimeout: Duration
    let credentials: Credentials?
    let tls: NIOSSLContext?

    /// - Parameter certificateAuthorities: a PEM file to trust instead of the system's, for `rediss://`. It is read here,
    ///   so call this at start and not on an event loop.
    /// - Throws: `RedisError` with the code `.invalidArgument`; its message says what is wrong and never holds the URL.
    public init(
        url: String, commandTimeout: Duration = .milliseconds(1_000), certificateAuthorities: String? = nil
    ) throws {
        guard let parts = URLComponents(string: url, encodingInvalidCharacters: false),
            let scheme = parts.scheme?.lowercased()
        else {
            throw Self.invalid("not a URL")
        }
        guard scheme == "redis" || scheme == "rediss" else {
            throw Self.invalid("the scheme must be redis or rediss")
        }
        guard let host = parts.host.map(Self.withoutBrackets), !host.isEmpty else { throw Self.invalid("no host") }
        guard (1...65_535).contains(parts.port ?? 6_379) else { throw Self.invalid("the port is not a port") }
        guard parts.query == nil, parts.fragment == nil else { throw Self.invalid("nothing may follow the database") }
        guard commandTimeout > .zero, commandTimeout <= .seconds(60) else {
            throw Self.invalid("the command timeout must be more than 0 and at most 60 seconds")
        }
        self.host = host
        self.port = parts.port ?? 6_379
        self.commandTimeout = commandTimeout
        database = try Self.database(path: parts.percentEncodedPath)
        credentials = try Self.credentials(user: parts.percentEncodedUser, password: parts.percentEncodedPassword)
        tls = scheme == "rediss" ? try Self.tlsContext(certificateAuthorities) : nil
    }

    /// For TLS: the name that the certificate must bear, or nil if the host is an address.
    var serverName: String? {
        (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
    }

    private static func withoutBrackets(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    private static func database(path: String) throws -> Int {
        guard !path.isEmpty, path != "/" else { return 0 }
        guard let number = Int(path.dropFirst()), (0...65_535).contains(number) else {
            throw invalid("the database is not a number from 0 to 65535")
        }
        return number
    }

    private static func credentials(user: String?, password: String?) throws -> Credentials? {
        guard let password, !password.isEmpty else {
            guard user == nil || user == "" else { throw invalid("a user without password") }
            return nil
        }
        guard let password = password.removingPercentEncoding, let user = (user ?? "").removingPercentEncoding else {
            throw invalid("user or password are wrongly percent-encoded")
        }
        return Credentials(user: user.isEmpty ? nil : user, password: password)
    }

    private static func tlsContext(_ certificateAuthorities: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let certificateAuthorities {
            configuration.trustRoots = .file(certificateAuthorities)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw invalid("TLS cannot be set up: \(error)")
        }
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidArgument, "Redis URL: \(reason)")
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return "\(tls == nil ? "redis" : "rediss")://\(place)/\(database)"
    }

    public var debugDescription: String { description }
}

/// Bounds on what one connection may hold in memory.
struct RedisLimits: Sendable {
    /// Commands that wait for a connection or for their answer.
    var pendingCommands = 16_384
    /// Bytes of those commands.
    var pendingBytes = 64 * 1_024 * 1_024
    /// Bytes of one reply.
    var replyBytes = 64 * 1_024 * 1_024
    /// An idle connection is asked for a sign of life this often.
    var probeInterval: TimeAmount = .seconds(3)
}

extension TimeAmount {
    /// Rounded towards zero to nanoseconds. Only for durations of up to a minute, which cannot overflow.
    init(boundedBy duration: Duration) {
        let (seconds, attoseconds) = min(duration, .seconds(60)).components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
