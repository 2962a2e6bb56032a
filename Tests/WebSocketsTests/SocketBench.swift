import NIOCore
import NIOEmbedded
import NIOWebSocket

@testable import WebSockets

/// A socket over a channel without network, driven by hand.
struct SocketBench {
    let channel: EmbeddedChannel
    let connection: WebSocketConnection

    init(
        _ limits: WebSocketLimits = WebSocketLimits(), role: ProtocolState.Role = .server,
        loop: EmbeddedEventLoop = EmbeddedEventLoop()
    ) throws {
        channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        connection = try WebSocketPipeline.configure(channel, role: role, limits: limits)
    }

    func receive(_ opcode: WebSocketOpcode, _ payload: [UInt8] = []) throws {
        try channel.writeInbound(FrameEncoding.masked(opcode, payload, key: 0xA1B2_C3D4))
    }

    /// What was sent since the last time, write by write.
    func sent() throws -> [ByteBuffer] {
        channel.embeddedEventLoop.run()
        var writes: [ByteBuffer] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            if bytes.readableBytes > 0 { writes.append(bytes) }
        }
        return writes
    }

    func advance(_ seconds: Int64) {
        channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
    }
}

final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}
