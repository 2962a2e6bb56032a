import ParleyProtocol
import Testing

/// The examples of `ops/docs/presence-protocol.md` are what is really said.
@Suite("The presence document")
struct PresenceDocumentTests {
    private static let document = "presence-protocol.md"

    @Test("every message of a client has an example that is understood and written the same")
    func client() throws {
        var types: Set<String> = []
        for example in try DocumentExample.all(in: Self.document, by: "client") {
            let message = try PresenceClientMessage(decoding: example.bytes)
            #expect(try example.isSame(as: try message.encoded()), "\(example)")
            types.insert(name(of: message))
        }
        #expect(types == ["hello", "activity", "ping"])
    }

    @Test("every message of the server has an example that is understood and written the same")
    func server() throws {
        var types: Set<String> = []
        for example in try DocumentExample.all(in: Self.document, by: "server") {
            let message = try PresenceServerMessage(decoding: example.bytes)
            #expect(try example.isSame(as: try message.encoded()), "\(example)")
            types.insert(name(of: message))
        }
        #expect(types == ["welcome", "snapshot", "changed", "own", "refused", "pong", "error"])
    }

    private func name(of message: some Sendable) -> String {
        String(String(describing: message).prefix { $0 != "(" })
    }
}
