import Foundation

/// The mail server that takes mail from this service and brings it on its way.
public struct SMTPSettings: Sendable {
    public enum TLS: String, CaseIterable, Sendable {
        /// With STARTTLS, and nothing is sent without.
        case required
        /// Everything is sent in clear: for a server on this machine or the inner network.
        case none
    }

    public struct Account: Sendable {
        public var user: String
        public var password: String

        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case url
        case clearPassword
        case noCAFile(String)

        public var description: String {
            switch self {
            case .url: "it must be smtp://host:port or smtps://host:port, without user, path or query"
            case .clearPassword: "a password is not sent without TLS, except to this machine"
            case .noCAFile(let path): "\(path) can't be read"
            }
        }
    }

    public let host: String
    public let port: Int
    /// Encrypted from the first byte on (RFC 8314), whatever `tls` says.
    public let isImplicitTLS: Bool
    public let tls: TLS
    public let account: Account?
    /// PEM file of the authorities that are trusted; those of the system if absent.
    public let caFile: String?

    /// - Parameter url: `smtp://` (port 587 if it names none) or `smtps://` (465).
    public init(
        url: String, tls: TLS = .required, account: Account? = nil, caFile: String? = nil
    ) throws(Problem) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["smtp", "smtps"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, ["", "/"].contains(parts.path), parts.query == nil,
            parts.fragment == nil, (1...65_535).contains(parts.port ?? 25)
        else { throw .url }
        isImplicitTLS = scheme == "smtps"
        self.host = host
        port = parts.port ?? (isImplicitTLS ? 465 : 587)
        self.tls = tls
        self.account = account
        self.caFile = caFile
        if account != nil, !isEncrypted, !Self.loopback.contains(host.lowercased()) { throw .clearPassword }
        if let caFile, !FileManager.default.isReadableFile(atPath: caFile) { throw .noCAFile(caFile) }
    }

    /// An IPv6 address stands in brackets.
    var urlHost: String { host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host }

    var isEncrypted: Bool { isImplicitTLS || tls == .required }

    private static let loopback: Set = ["localhost", "127.0.0.1", "::1", "[::1]"]
}

/// How long a mail may take.
public struct SMTPLimits: Sendable {
    public var connect: Duration
    /// Between a command and its answer.
    public var answer: Duration
    /// For the whole of one mail.
    public var total: Duration
    /// Mails that are under way at once.
    public var parallel: Int

    public init(
        connect: Duration = .seconds(10), answer: Duration = .seconds(30), total: Duration = .seconds(90),
        parallel: Int = 4
    ) {
        self.connect = connect
        self.answer = answer
        self.total = total
        self.parallel = max(1, parallel)
    }
}
