/// A room of Prosody's MUC over XMPP's WebSocket binding (RFC 7395, XEP-0045), signed in anonymously.
struct ProsodyDialect: Dialect {
    let echoes = true
    let hasRoster = true

    private static let open =
        #"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>"#

    func request(_ person: Person) -> UpgradeRequest {
        UpgradeRequest(path: "/xmpp-websocket", fields: ["Sec-WebSocket-Protocol: xmpp"])
    }

    func greet(_ person: Person, _ frame: UnsafeRawBufferPointer?) -> Greeting {
        guard let frame else { return say(Self.open) }
        if Marks.contains("ANONYMOUS", frame) {
            return say(#"<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>"#)
        }
        if Marks.contains("<success", frame) { return say(Self.open) }
        if Marks.contains("<jid>", frame) { return .ready }
        if Marks.contains("xmpp-bind", frame) {
            return say(
                #"<iq xmlns="jabber:client" type="set" id="1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>"#)
        }
        return Marks.contains("<failure", frame) ? .failed : .wait
    }

    func enter(_ person: Person) -> [UInt8] {
        ClientFrame.text(
            #"<presence xmlns="jabber:client" to="\#(room(person))/\#(person.name)">"#
                + #"<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>"#)
    }

    func refuses(_ frame: UnsafeRawBufferPointer) -> Bool { Marks.contains("<error", frame) }

    func chat(_ person: Person, _ text: String) -> [UInt8] {
        ClientFrame.text(
            #"<message xmlns="jabber:client" to="\#(room(person))" type="groupchat" id="\#(person.sent)">"#
                + "<body>\(text)</body></message>")
    }

    private func room(_ person: Person) -> String { "\(person.roomName)@conference.localhost" }

    private func say(_ text: String) -> Greeting { .say(ClientFrame.text(text)) }
}
