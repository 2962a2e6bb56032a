/// Why a client could not open a socket.
public struct WebSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The URL is not `ws://` or `wss://` with a host.
        case badURL
        /// No connection, or it broke during the handshake.
        case connectionFailed
        case timeout
        /// The server answered, but not with an upgrade; its HTTP status.
        case refused(status: Int)
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
