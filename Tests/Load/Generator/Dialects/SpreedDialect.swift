/// nextcloud-spreed-signaling 0.4.1 (docs/standalone-signaling-api-v1.md there).
struct SpreedDialect: Dialect {
    let echoes = false
    let hasRoster = true
    /// Where the server asks who somebody is and whether the room is open to them.
    let backend: String

    func request(_ person: Person) -> UpgradeRequest { UpgradeRequest(path: "/spreed") }

    func greet(_ person: Person, _ frame: UnsafeRawBufferPointer?) -> Greeting {
        guard let frame else {
            let auth = #"{"url":"\#(backend)","params":{"userid":"\#(person.name)"}}"#
            return .say(
                ClientFrame.text(#"{"id":"1","type":"hello","hello":{"version":"1.0","auth":\#(auth)}}"#))
        }
        if Marks.contains(#""type":"hello""#, frame) { return .ready }
        return refuses(frame) ? .failed : .wait
    }

    func enter(_ person: Person) -> [UInt8] {
        let room = #"{"roomid":"\#(person.roomName)","sessionid":"session-\#(person.number)"}"#
        return ClientFrame.text(#"{"id":"2","type":"room","room":\#(room)}"#)
    }

    func refuses(_ frame: UnsafeRawBufferPointer) -> Bool { Marks.contains(#""type":"error""#, frame) }

    func chat(_ person: Person, _ text: String) -> [UInt8] {
        ClientFrame.text(
            #"{"type":"message","message":{"recipient":{"type":"room"},"data":{"text":"\#(text)"}}}"#)
    }
}
