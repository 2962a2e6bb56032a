/// How long a directory may take, and how much it may say.
public struct LDAPLimits: Hashable, Sendable {
    /// For a TCP connection to any of the server's addresses, and again for the handshake of TLS. How long the name
    /// takes is up to the system's resolver, by default 10 s for each of its servers.
    public var connect: Duration
    /// For each answer.
    public var operation: Duration
    /// For a whole sign-in or check once it is connected, which is up to six answers.
    public var total: Duration

    /// The server's list of groups is cut there.
    public static let groups = 500
    /// A message of the server that is longer, in bytes, is not read. 500 groups are 100 KiB.
    static let messageBytes = 4 * 1024 * 1024
    /// Longer user names, in bytes of UTF-8, are nobody's. Active Directory allows 256 characters, others less.
    static let userNameBytes = 512
    /// Longer passwords, in bytes of UTF-8, are wrong.
    static let passwordBytes = 1024

    public init(
        connect: Duration = .seconds(5), operation: Duration = .seconds(5), total: Duration = .seconds(15)
    ) {
        self.connect = connect
        self.operation = operation
        self.total = total
    }
}
