import ParleyProtocol
import Testing

/// The examples of `ops/docs/signaling-protocol.md` are what is really said.
@Suite("The protocol document")
struct ProtocolDocumentTests {
    private static let document = "signaling-protocol.md"

    @Test("every message of a client has an example that is understood and written the same")
    func client() throws {
        var kinds: Set<ClientMessage.Kind> = []
        for example in try DocumentExample.all(in: Self.document, by: "client") {
            let request = try ClientRequest(decoding: example.bytes)
            #expect(try example.isSame(as: try request.encoded()), "\(example)")
            kinds.insert(request.message.kind)
        }
        #expect(kinds == Set(ClientMessage.Kind.allCases))
    }

    @Test("every message of the server has an example that is understood and written the same")
    func server() throws {
        var types: Set<String> = []
        for example in try DocumentExample.all(in: Self.document, by: "server") {
            let message = try ServerMessage(decoding: example.bytes)
            #expect(try example.isSame(as: try message.encoded()), "\(example)")
            types.insert(String(describing: message).prefix { $0 != "(" }.lowercased())
        }
        #expect(
            types == [
                "welcome", "resumed", "waiting", "refused", "lobby", "reply", "failure", "mediaoffer", "mediaslots",
                "medialost",
                "resync", "drain", "sessionended", "moderated",
            ])
    }

    @Test("every event has an example that is understood and written the same")
    func events() throws {
        var kinds: Set<RoomEvent.Kind> = []
        for example in try DocumentExample.all(in: Self.document, by: "event") {
            let event = try NumberedEvent(decoding: example.bytes)
            #expect(try example.isSame(as: try event.encoded()), "\(example)")
            kinds.insert(event.event.kind)
        }
        #expect(kinds == Set(RoomEvent.Kind.allCases))
    }
}
