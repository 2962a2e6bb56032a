/// How one kind of server is spoken to. All of them carry the same names and texts.
protocol Dialect {
    /// Whether a sender gets its own message too.
    var echoes: Bool { get }
    /// Whether people are told who is in the room.
    var hasRoster: Bool { get }

    /// The request that opens the socket.
    func request(_ person: Person) -> UpgradeRequest
    /// What to do until the server knows who is there: called for the open socket, then for each frame.
    func greet(_ person: Person, _ frame: UnsafeRawBufferPointer?) -> Greeting
    /// What to say to come into the room.
    func enter(_ person: Person) -> [UInt8]
    /// Whether the frame says that the person is inside, where there is no roster to see it by.
    func confirms(_ frame: UnsafeRawBufferPointer) -> Bool
    func refuses(_ frame: UnsafeRawBufferPointer) -> Bool
    /// What must be said to a frame so that the connection stays.
    func answer(_ frame: UnsafeRawBufferPointer) -> [UInt8]?
    func chat(_ person: Person, _ text: String) -> [UInt8]
}

extension Dialect {
    func confirms(_ frame: UnsafeRawBufferPointer) -> Bool { false }
    func answer(_ frame: UnsafeRawBufferPointer) -> [UInt8]? { nil }
}

enum Greeting {
    case wait
    case say([UInt8])
    case ready
    case failed
}

/// An HTTP request for a WebSocket.
struct UpgradeRequest {
    var path: String
    var fields: [String] = []

    var bytes: [UInt8] {
        let head = [
            "GET \(path) HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IhIQ==",
        ]
        return Array(((head + fields).joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
