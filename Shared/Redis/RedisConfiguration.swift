import Foundation
import NIOCore
import NIOSSL

/// Where Redis is and how long to wait for it.
///
/// The URL is `redis://[[user]:password@]host[:port][,host[:port]…][/database]`; `rediss://` is the same over TLS with full
/// verification. User and password may be percent-encoded. The description leaves both out.
///
/// One Redis and a cluster are written alike, and the server tells which of them it is. Of a cluster any nodes are named; the
/// others are found by them, so several are there only for the case that one is away. A cluster has no database but 0.
public struct RedisConfiguration: Sendable {
    struct Credentials: Sendable, Equatable {
        var user: String?
        var password: String
    }

    /// Where to ask first, at least one and at most 16.
    public let nodes: [RedisNode]
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
        let places = try Self.places(url).map(Self.parse)
        guard let parts = places.first else { throw Self.invalid("no host") }
        guard commandTimeout > .zero, commandTimeout <= .seconds(60) else {
            throw Self.invalid("the command timeout must be more than 0 and at most 60 seconds")
        }
        nodes = try places.map(Self.node)
        self.commandTimeout = commandTimeout
        database = try Self.database(path: parts.percentEncodedPath)
        credentials = try Self.credentials(user: parts.percentEncodedUser, password: parts.percentEncodedPassword)
        tls = parts.scheme?.lowercased() == "rediss" ? try Self.tlsContext(certificateAuthorities) : nil
    }

    /// The URL once for each of its hosts, which no parser of URLs takes together.
    private static func places(_ url: String) throws -> [String] {
        guard let start = url.range(of: "://")?.upperBound else { throw invalid("not a URL") }
        let end = url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        let authority = url[start..<end]
        let hosts = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? start
        let all = url[hosts..<end].split(separator: ",", omittingEmptySubsequences: false)
        guard all.count <= 16 else { throw invalid("more than 16 hosts") }
        return all.map { "\(url[..<hosts])\($0)\(url[end...])" }
    }

    private static func parse(_ url: String) throws -> URLComponents {
        guard let parts = URLComponents(string: url, encodingInvalidCharacters: false),
            let scheme = parts.scheme?.lowercased()
        else {
            throw invalid("not a URL")
        }
        guard scheme == "redis" || scheme == "rediss" else { throw invalid("the scheme must be redis or rediss") }
        guard parts.query == nil, parts.fragment == nil else { throw invalid("nothing may follow the database") }
        return parts
    }

    private static func node(_ parts: URLComponents) throws -> RedisNode {
        guard let host = parts.host.map(withoutBrackets), !host.isEmpty else { throw invalid("no host") }
        let port = parts.port ?? 6_379
        guard (1...65_535).contains(port) else { throw invalid("the port is not a port") }
        return RedisNode(host: host, port: port)
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
        let places = nodes.map(\.description).joined(separator: ",")
        return "\(tls == nil ? "redis" : "rediss")://\(places)/\(database)"
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
    /// The map of a cluster is asked for this often, though nothing seems to have changed.
    var lookInterval: TimeAmount = .seconds(15)
}

extension TimeAmount {
    /// Rounded towards zero to nanoseconds. Only for durations of up to a minute, which cannot overflow.
    init(boundedBy duration: Duration) {
        let (seconds, attoseconds) = min(duration, .seconds(60)).components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
