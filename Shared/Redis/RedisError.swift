/// Why a command brought no answer, or a connection could not be made.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// There is no connection, or it was lost before the answer came. A command that was lost with its connection
        /// may have been carried out.
        case connection
        /// No answer within the command timeout. The command may have been carried out.
        case timeout
        /// The server refused. The value is the first word of its line: `WRONGTYPE`, `NOSCRIPT`, `OOM`, `ERR` …
        case server(String)
        /// The client has been shut down, or was never meant to run again.
        case closed
        /// Too many commands or bytes wait already. The command was not sent.
        case overloaded
        /// The peer does not speak RESP2, or a reply is larger than the limit.
        case invalidReply
        /// The command, URL or setting makes no sense. Nothing was sent.
        case invalidArgument
    }

    public var code: Code
    /// For logs. It holds no credentials, but may hold what the server said.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(serverLine line: String) {
        let word = line.prefix { $0 != " " }
        self.init(.server(String(word)), line)
    }

    public var description: String { "RedisError(\(code)): \(message)" }
}
