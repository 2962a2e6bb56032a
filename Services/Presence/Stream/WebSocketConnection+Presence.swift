import ParleyProtocol
import WebSockets

extension WebSocketConnection {
    /// Sends a message to this socket alone. Every message of ours can be encoded; one that could not is left out.
    func send(_ message: PresenceServerMessage) {
        guard let bytes = try? message.encoded() else { return }
        send(text: bytes)
    }
}
