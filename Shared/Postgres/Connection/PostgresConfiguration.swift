/// How a service reaches its database and how long it is willing to wait for it.
public struct PostgresConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    /// A URI of libpq (`postgresql://user:password@host/database?sslmode=verify-full`) or a conninfo string. A secret.
    public var url: String
    public var maximumConnections: Int
    /// How long a caller waits for a connection of the pool.
    public var waitLimit: Duration
    /// The server ends a statement after this time. When it doesn't answer at all, the client gives up a little later.
    public var statementTimeout: Duration
    /// How long a statement waits for a lock.
    public var lockTimeout: Duration
    /// How long an open transaction may wait for its next statement.
    public var idleInTransactionTimeout: Duration
    /// For each host of the URL; at least 2 s, because libpq rounds up to it.
    public var connectTimeout: Duration
    /// The only schema in the search path.
    public var schema: String?
    public var applicationName: String

    public init(
        url: String, maximumConnections: Int = 8, waitLimit: Duration = .seconds(2),
        statementTimeout: Duration = .seconds(5), schema: String? = nil, applicationName: String = "parley"
    ) {
        self.url = url
        self.maximumConnections = max(1, maximumConnections)
        self.waitLimit = waitLimit
        self.statementTimeout = statementTimeout
        self.schema = schema
        self.applicationName = applicationName
        lockTimeout = .seconds(2)
        idleInTransactionTimeout = .seconds(10)
        connectTimeout = .seconds(5)
    }

    /// Without the URL, which holds a password.
    public var description: String { "PostgreSQL for \(applicationName), \(maximumConnections) connections" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension PostgresConfiguration {
    /// Keywords and values for libpq. What stands before `dbname` yields to the URL, what stands after it overrules it.
    func parameters(optionsOfURL: String?) throws(PostgresError) -> [(keyword: String, value: String)] {
        var options = [
            "-c statement_timeout=\(statementTimeout.wholeMilliseconds)",
            "-c lock_timeout=\(lockTimeout.wholeMilliseconds)",
            "-c idle_in_transaction_session_timeout=\(idleInTransactionTimeout.wholeMilliseconds)",
            "-c TimeZone=UTC", "-c DateStyle=ISO", "-c IntervalStyle=iso_8601", "-c bytea_output=hex",
        ]
        if let schema {
            guard Self.isPlainName(schema) else {
                throw PostgresError(.configuration, "The schema's name may hold only a-z, 0-9 and _.")
            }
            options.append("-c search_path=\(schema)")
        }
        if let optionsOfURL, !optionsOfURL.isEmpty { options.append(optionsOfURL) }
        return [
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
            ("keepalives", "1"), ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
            ("fallback_application_name", applicationName),
            ("dbname", url),
            ("client_encoding", "UTF8"),
            ("options", options.joined(separator: " ")),
        ]
    }

    /// Names that need no quotes in SQL.
    static func isPlainName(_ name: String) -> Bool {
        let letters = Set("abcdefghijklmnopqrstuvwxyz_")
        guard let first = name.first, name.utf8.count <= 63 else { return false }
        return letters.contains(first) && name.allSatisfy { letters.contains($0) || ("0"..."9").contains($0) }
    }
}

extension Duration {
    /// Rounded down, 1 at least: 0 would mean "no limit" to PostgreSQL.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow
            ? Int64(Int32.max) : min(Int64(Int32.max), max(1, product + attoseconds / 1_000_000_000_000_000))
    }
}
