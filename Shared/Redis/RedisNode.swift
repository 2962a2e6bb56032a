import NIOCore

/// The address of one server.
public struct RedisNode: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, IPv6 without brackets.
    public let host: String
    public let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Parameters:
    ///   - announced: what a node of a cluster says of another: `host:port`, where an IPv6 address has no brackets.
    ///   - teller: the node that said it. Its host is meant where no host is named.
    init?(announced: some StringProtocol, by teller: RedisNode) {
        guard let colon = announced.lastIndex(of: ":"), let port = Int(announced[announced.index(after: colon)...])
        else { return nil }
        self.init(announcedHost: String(announced[..<colon]), port: port, by: teller)
    }

    /// The same with host and port apart.
    init?(announcedHost host: String?, port: Int, by teller: RedisNode) {
        guard (1...65_535).contains(port) else { return nil }
        let host = host ?? ""
        self.init(host: host.isEmpty || host == "?" ? teller.host : host, port: port)
    }

    /// For TLS: the name that the certificate must bear, or nil if the host is an address.
    var serverName: String? {
        (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
