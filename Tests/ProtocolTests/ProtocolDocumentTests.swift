import Foundation
import ParleyProtocol
import Testing

/// The examples of `ops/docs/signaling-protocol.md` are what is really said.
@Suite("The protocol document")
struct ProtocolDocumentTests {
    private struct Example: CustomStringConvertible {
        let by: Substring
        let text: String

        var description: String { "\(by): \(text.prefix(80))" }
        var bytes: [UInt8] { Array(text.utf8) }
    }

    /// The blocks that begin with ```` ```json client ````, `server` or `event`, each with one message.
    private static func examples(_ by: String) throws -> [Example] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: "ops/docs/signaling-protocol.md"), encoding: .utf8)
        return document.matches(of: /(?m)^```json (\w+)\n((?:.|\n)*?)\n```$/)
            .map { Example(by: $0.1, text: String($0.2)) }.filter { $0.by == by }
    }

    private func isSame(_ example: Example, _ encoded: [UInt8]) throws -> Bool {
        try sorted(example.bytes) == sorted(encoded)
    }

    private func sorted(_ json: [UInt8]) throws -> Data {
        let object = try JSONSerialization.jsonObject(with: Data(json))
        return try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    }

    @Test("every message of a client has an example that is understood and written the same")
    func client() throws {
        var kinds: Set<ClientMessage.Kind> = []
        for example in try Self.examples("client") {
            let request = try ClientRequest(decoding: example.bytes)
            #expect(try isSame(example, try request.encoded()), "\(example)")
            kinds.insert(request.message.kind)
        }
        #expect(kinds == Set(ClientMessage.Kind.allCases))
    }

    @Test("every message of the server has an example that is understood and written the same")
    func server() throws {
        var types: Set<String> = []
        for example in try Self.examples("server") {
            let message = try ServerMessage(decoding: example.bytes)
            #expect(try isSame(example, try message.encoded()), "\(example)")
            types.insert(String(describing: message).prefix { $0 != "(" }.lowercased())
        }
        #expect(
            types == [
                "welcome", "resumed", "waiting", "refused", "lobby", "reply", "failure", "mediaoffer", "mediaslots",
                "medialost",
                "resync", "drain", "sessionended",
            ])
    }

    @Test("every event has an example that is understood and written the same")
    func events() throws {
        var kinds: Set<RoomEvent.Kind> = []
        for example in try Self.examples("event") {
            let event = try NumberedEvent(decoding: example.bytes)
            #expect(try isSame(example, try event.encoded()), "\(example)")
            kinds.insert(event.event.kind)
        }
        #expect(kinds == Set(RoomEvent.Kind.allCases))
    }
}
