import NIOConcurrencyHelpers
import NIOCore
import NIOWebSocket
import ParleyProtocol

/// One end of an open socket.
///
/// Sending never waits and may be done from anywhere; the order of what one caller sends is kept, and the bytes of one
/// event-loop turn are flushed together. A peer that lets more than `WebSocketLimits.outgoingBudget` bytes wait is closed.
public final class WebSocketConnection: Sendable {
    public let eventLoop: any EventLoop
    /// The IP address of the peer of this TCP connection: behind a gateway, the gateway's.
    public let remoteAddress: String?

    let channel: any Channel
    private let role: ProtocolState.Role
    private let handler: NIOLoopBound<WebSocketHandler>
    private let outbox: Outbox
    private let inbox: Inbox
    private let ending: NIOLockedValueBox<SocketEnd?>

    /// Must be called on the channel's event loop; puts the handler at the end of its pipeline.
    init(channel: any Channel, role: ProtocolState.Role, limits: WebSocketLimits) throws {
        self.channel = channel
        self.role = role
        eventLoop = channel.eventLoop
        remoteAddress = channel.remoteAddress?.ipAddress
        let outbox = Outbox(budget: limits.outgoingBudget, slowCode: limits.slowCode)
        let inbox = Inbox(maximumMessages: limits.incomingMessages, maximumBytes: limits.incomingBytes)
        let ending = NIOLockedValueBox<SocketEnd?>(nil)
        let handler = WebSocketHandler(role: role, limits: limits, outbox: outbox, inbox: inbox) { code in
            ending.withLockedValue { $0 = code }
        }
        self.outbox = outbox
        self.inbox = inbox
        self.ending = ending
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let bound = self.handler
        inbox.onRoom { [eventLoop] in eventLoop.execute { bound.value.resumeReading() } }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// The received messages, for one consumer. Ends when the socket is closed or the consuming task cancelled.
    public var inbound: WebSocketInbound { WebSocketInbound(inbox: inbox) }

    /// The code this socket ended with, known before the messages end: of the first close frame in either direction, 1005 for
    /// a close frame without code, 1006 if the connection broke. `nil` while the socket is open.
    public var closeCode: UInt16? { ending.withLockedValue { $0?.code } }

    /// Whether the socket ended because nothing had been heard of the peer for `WebSocketLimits.pingTimeout`.
    public var hasFallenSilent: Bool { ending.withLockedValue { $0?.isOfSilence == true } }

    /// Bytes that wait for the peer here, without those already handed to the connection.
    public var waitingBytes: Int { outbox.waitingBytes }

    /// - Parameter text: UTF-8; not checked again.
    public func send(text: [UInt8]) {
        if outbox.add(FrameEncoding.frame(.text, text, role: role)) { scheduleDrain() }
    }

    /// Sends bytes that other sockets may share. A client has to mask them, which copies them.
    public func send(_ frame: WebSocketFrameBytes) {
        if enqueue(frame) { scheduleDrain() }
    }

    /// Sends one frame to many sockets: the bytes are shared and each event loop is woken once.
    public static func broadcast(_ frame: WebSocketFrameBytes, to connections: some Sequence<WebSocketConnection>) {
        var groups: [(eventLoop: any EventLoop, members: [WebSocketConnection])] = []
        for connection in connections where connection.enqueue(frame) {
            if let index = groups.firstIndex(where: { $0.eventLoop === connection.eventLoop }) {
                groups[index].members.append(connection)
            } else {
                groups.append((connection.eventLoop, [connection]))
            }
        }
        for group in groups {
            let members = group.members
            group.eventLoop.execute {
                for member in members { member.handler.value.drain() }
            }
        }
    }

    /// Closes with one of Parley's codes.
    public func close(_ code: CloseCode, reason: String) {
        close(code: code.rawValue, reason: reason)
    }

    /// Closes after all that was sent before. The peer has `closeTimeout` to answer; then the connection is cut.
    /// - Parameter reason: cut to 123 bytes.
    public func close(code: UInt16 = 1000, reason: String = "") {
        if outbox.close(Outbox.CloseRequest(code: code, reason: reason)) { scheduleDrain() }
    }

    /// Cuts the connection at once, without a close frame.
    public func abort() {
        channel.close(promise: nil)
    }

    /// Returns when the connection is gone.
    public func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }

    private func enqueue(_ frame: WebSocketFrameBytes) -> Bool {
        switch role {
        case .server: outbox.add(frame.buffer)
        case .client: outbox.add(FrameEncoding.frame(.text, frame.payload, role: .client))
        }
    }

    private func scheduleDrain() {
        let handler = handler
        eventLoop.execute { handler.value.drain() }
    }
}

/// The messages of one socket. Iterate it once.
public struct WebSocketInbound: AsyncSequence, Sendable {
    public typealias Element = WebSocketMessage
    public typealias Failure = Never

    let inbox: Inbox

    public func makeAsyncIterator() -> Iterator { Iterator(inbox: inbox) }

    public struct Iterator: AsyncIteratorProtocol {
        let inbox: Inbox

        public mutating func next() async -> WebSocketMessage? { await inbox.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> WebSocketMessage? {
            await inbox.next()
        }
    }
}

/// How a socket ended.
struct SocketEnd {
    var code: UInt16
    /// Nothing was heard of the peer for too long.
    var isOfSilence: Bool
}
