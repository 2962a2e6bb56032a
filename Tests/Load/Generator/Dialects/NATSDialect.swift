/// A bare broker: a room is a subject, and nobody knows who else is there.
struct NATSDialect: Dialect {
    let echoes = true
    let hasRoster = false

    func request(_ person: Person) -> UpgradeRequest { UpgradeRequest(path: "/") }

    func greet(_ person: Person, _ frame: UnsafeRawBufferPointer?) -> Greeting {
        guard let frame else { return .wait }
        if Marks.contains("INFO {", frame) {
            return .say(bytes("CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true}\r\nPING\r\n"))
        }
        if Marks.contains("PONG", frame) { return .ready }
        return refuses(frame) ? .failed : .wait
    }

    func enter(_ person: Person) -> [UInt8] { bytes("SUB \(person.roomName) 1\r\nPING\r\n") }

    func confirms(_ frame: UnsafeRawBufferPointer) -> Bool { Marks.contains("PONG", frame) }

    func refuses(_ frame: UnsafeRawBufferPointer) -> Bool { Marks.contains("-ERR", frame) }

    func answer(_ frame: UnsafeRawBufferPointer) -> [UInt8]? {
        Marks.end(of: "PING\r\n", in: frame) == nil ? nil : bytes("PONG\r\n")
    }

    func chat(_ person: Person, _ text: String) -> [UInt8] {
        bytes("PUB \(person.roomName) \(text.utf8.count)\r\n\(text)\r\n")
    }

    private func bytes(_ text: String) -> [UInt8] { ClientFrame.bytes(opcode: 2, Array(text.utf8)) }
}
