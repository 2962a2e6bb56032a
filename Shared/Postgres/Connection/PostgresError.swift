/// What went wrong between a service and its database. It never holds values of parameters or the URL.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// The server refused the statement, with this five-character code.
        case sqlState(String)
        /// The server is away, refuses the connection, or broke it.
        case connection
        /// No connection became free in time, or too many callers wait already.
        case poolExhausted
        /// The statement took too long.
        case timeout
        /// The pool or the connection was closed.
        case closed
        /// The URL, the schema or the list of migrations can't be used.
        case configuration
        /// A parameter can't be sent, for instance text with a NUL.
        case encoding
        /// A column is missing or is not of the wanted type.
        case decoding
        /// The transaction was rolled back, because a statement in it had failed.
        case transactionAborted
    }

    public var code: Code
    public var message: String
    /// The name of the constraint that refused the change.
    public var constraint: String?

    public init(_ code: Code, _ message: String, constraint: String? = nil) {
        self.code = code
        self.message = message
        self.constraint = constraint
    }

    public var isUniqueViolation: Bool { code == .sqlState("23505") }

    /// Whether the same request may succeed a little later: over HTTP this is 503.
    public var isUnavailable: Bool {
        switch code {
        case .connection, .poolExhausted, .timeout, .closed: true
        case .sqlState(let state): state == "55P03" || state.hasPrefix("40") || state.hasPrefix("53")
        case .configuration, .encoding, .decoding, .transactionAborted: false
        }
    }

    public var description: String {
        let name =
            switch code {
            case .sqlState(let state): "SQLSTATE \(state)"
            default: "\(code)"
            }
        return constraint.map { "\(name): \(message) (constraint \($0))" } ?? "\(name): \(message)"
    }
}

extension PostgresError {
    /// The server's answer as an error.
    ///
    /// The server puts values into its details, and into the messages of data exceptions (class 22) and of `raise`; so
    /// only messages of classes that speak about the statement or the server are kept.
    init(sqlState: String, serverMessage: String, constraint: String?) {
        let telling = ["08", "23", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"]
        let kept = telling.contains(String(sqlState.prefix(2)))
        let message = kept ? serverMessage : "The server refused the statement (SQLSTATE \(sqlState))."
        switch sqlState {
        case "57014": self.init(.timeout, message, constraint: constraint)
        case "57P01", "57P02", "57P03", "25P03": self.init(.connection, message)
        default:
            self.init(sqlState.hasPrefix("08") ? .connection : .sqlState(sqlState), message, constraint: constraint)
        }
    }
}
