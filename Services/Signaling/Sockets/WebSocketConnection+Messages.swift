import ParleyProtocol
import WebSockets

extension WebSocketConnection {
    /// Sends a message to this socket alone. Every message of ours can be encoded; one that could not is left out.
    func send(_ message: ServerMessage) {
        guard let bytes = try? message.encoded() else { return }
        send(text: bytes)
    }

    /// The session with which the person came in has ended.
    func endSignedOut() {
        send(.sessionEnded(.init(reason: .signedOut)))
        close(.signedOut, reason: "signed out")
    }
}
