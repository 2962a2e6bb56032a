import NIOCore
import NIOWebSocket

/// The shell around `ProtocolState` on a socket's event loop: frames in, bytes out, time.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private static let pingFrame = FrameEncoding.unmasked(.ping, [])

    private let role: ProtocolState.Role
    private let ping: TimeAmount
    private let pingTimeout: TimeAmount
    private let closeTimeout: TimeAmount
    private let outbox: Outbox
    private let inbox: Inbox
    private let onEnd: (SocketEnd) -> Void

    private var state: ProtocolState
    private var context: ChannelHandlerContext?
    private var heartbeat: Heartbeat?
    /// Belongs to the heartbeat.
    var place: Heartbeat.Place?
    private var closeTimer: Scheduled<Void>?
    private var lastHeard = NIODeadline.now()
    private var nextPing = NIODeadline.now()
    /// Nothing was heard for too long.
    private var isDead = false
    /// Since when the socket is not read because the session does not consume.
    private var pausedSince: NIODeadline?
    private var isReadHeld = false
    private var isDraining = false
    private var needsFlush = false
    /// The last ping that could not be answered because the peer does not read. RFC 6455 5.5.3 lets us skip older ones.
    private var owedPong: [UInt8]?

    init(
        role: ProtocolState.Role, limits: WebSocketLimits, outbox: Outbox, inbox: Inbox,
        onEnd: @escaping (SocketEnd) -> Void
    ) {
        self.role = role
        ping = TimeAmount(limits.ping)
        pingTimeout = TimeAmount(limits.pingTimeout)
        closeTimeout = TimeAmount(limits.closeTimeout)
        self.outbox = outbox
        self.inbox = inbox
        self.onEnd = onEnd
        state = ProtocolState(role: role, limits: limits)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastHeard = context.eventLoop.now
        let heartbeat = Heartbeat.of(context.eventLoop, ping: ping)
        nextPing = heartbeat.join(self, ping: ping)
        self.heartbeat = heartbeat
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard context != nil else { return }
        context = nil
        heartbeat?.leave(self)
        heartbeat = nil
        closeTimer?.cancel()
        outbox.end()
        state.ended()
        onEnd(SocketEnd(code: state.closeCode ?? ProtocolState.brokenCode, isOfSilence: isDead))
        inbox.finish()
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = context.eventLoop.now
        perform(state.received(unwrapInboundIn(data)), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded(context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as NIOWebSocketError:
            perform(state.receivedUnreadableFrame(error), context)
            flushIfNeeded(context)
            // The decoder reads nothing more, not even the answer to our close frame: say that we are done.
            context.close(mode: .output, promise: nil)
        case is ByteToMessageDecoderError:
            // What comes after an unreadable frame; dropped.
            break
        default:
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            startClosing(Outbox.CloseRequest(code: 1001, reason: "restart"), context)
            flushIfNeeded(context)
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Holds the socket's reading back while the session does not consume.
    func read(context: ChannelHandlerContext) {
        if pausedSince == nil {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    /// The inbox has room again.
    func resumeReading() {
        guard let context, pausedSince != nil else { return }
        pausedSince = nil
        lastHeard = context.eventLoop.now
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func perform(_ action: ProtocolState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none:
            break
        case .deliver(let message):
            if !inbox.add(message), pausedSince == nil { pausedSince = context.eventLoop.now }
        case .pong(let payload):
            if context.channel.isWritable { write(.pong, payload, context) } else { owedPong = payload }
        case .fail(let code, let reason):
            sendClose(FrameEncoding.closePayload(code: code, reason: reason), context)
        case .answerClose(let payload):
            sendClose(payload, context)
            finishTransport(context)
        case .end:
            finishTransport(context)
        }
    }

    // MARK: Sending

    /// Writes what waits as far as the peer reads, and flushes once.
    func drain() {
        guard let context, !isDraining else { return }
        isDraining = true
        while state.isOpen, writeNext(context) {}
        isDraining = false
        flushIfNeeded(context)
    }

    /// Answers whether more may be written.
    private func writeNext(_ context: ChannelHandlerContext) -> Bool {
        guard context.channel.isWritable else {
            if let (request, isDue) = outbox.pause() {
                if isDue { startClosing(request, context) } else { startCloseTimer(context) }
            }
            return false
        }
        switch outbox.next() {
        case .write(let bytes, let isLast):
            context.write(wrapOutboundOut(bytes), promise: nil)
            needsFlush = true
            return !isLast
        case .close(let request):
            startClosing(request, context)
            return false
        case .nothing:
            return false
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !isDraining {
            if let payload = owedPong, state.isOpen {
                owedPong = nil
                write(.pong, payload, context)
            }
            drain()
        }
        context.fireChannelWritabilityChanged()
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8], _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(FrameEncoding.frame(opcode, payload, role: role)), promise: nil)
        needsFlush = true
    }

    private func flushIfNeeded(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    // MARK: Closing

    private func startClosing(_ request: Outbox.CloseRequest, _ context: ChannelHandlerContext) {
        guard state.close(code: request.code) else { return }
        sendClose(FrameEncoding.closePayload(code: request.code, reason: request.reason), context)
    }

    /// Nothing is sent after a close frame, and nothing that is received is delivered: drop the one, discard the other.
    private func sendClose(_ payload: [UInt8], _ context: ChannelHandlerContext) {
        outbox.end()
        write(.connectionClose, payload, context)
        startCloseTimer(context)
        // Whoever sees the end of the messages asks for the code.
        if let code = state.closeCode { onEnd(SocketEnd(code: code, isOfSilence: false)) }
        inbox.finish()
        resumeReading()
    }

    /// RFC 6455 7.1.1: the server closes the TCP connection, the client waits for that.
    private func finishTransport(_ context: ChannelHandlerContext) {
        flushIfNeeded(context)
        switch role {
        case .server:
            // Behind all bytes that are on their way; the close timer bounds a peer that does not read them.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        case .client:
            startCloseTimer(context)
        }
    }

    private func startCloseTimer(_ context: ChannelHandlerContext) {
        guard closeTimer == nil else { return }
        closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: closeTimeout) {
            context.close(promise: nil)
        }
    }

    // MARK: Keep-alive

    private var deathDeadline: NIODeadline {
        // A peer that we do not read cannot be heard: then the session has three times as long to go on.
        if let pausedSince { return pausedSince + pingTimeout * 3 }
        return lastHeard + pingTimeout
    }

    /// The heartbeat has come to this socket. Answers when it is to come again.
    func beat(_ now: NIODeadline) -> NIODeadline? {
        guard let context else { return nil }
        guard now < deathDeadline else {
            isDead = true
            context.close(promise: nil)
            return nil
        }
        if now >= nextPing {
            while nextPing <= now { nextPing = nextPing + ping }
            state.beat()
            if state.isOpen, context.channel.isWritable { sendPing(context) }
        }
        return min(nextPing, deathDeadline)
    }

    private func sendPing(_ context: ChannelHandlerContext) {
        switch role {
        case .server:
            context.write(wrapOutboundOut(Self.pingFrame), promise: nil)
            needsFlush = true
        case .client:
            write(.ping, [], context)
        }
        flushIfNeeded(context)
    }
}
