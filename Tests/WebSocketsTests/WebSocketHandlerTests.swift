import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import WebSockets

@Suite("Handler of a socket")
struct WebSocketHandlerTests {
    /// A socket over a channel without network, driven by hand.
    private struct Bench {
        let channel = EmbeddedChannel()
        let connection: WebSocketConnection

        init(_ limits: WebSocketLimits = WebSocketLimits(), role: ProtocolState.Role = .server) throws {
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            connection = try WebSocketPipeline.configure(channel, role: role, limits: limits)
        }

        func receive(_ opcode: WebSocketOpcode, _ payload: [UInt8] = []) throws {
            try channel.writeInbound(FrameEncoding.masked(opcode, payload, key: 0xA1B2_C3D4))
        }

        /// What was sent since the last time, frame by frame.
        func sent() throws -> [ByteBuffer] {
            channel.embeddedEventLoop.run()
            var frames: [ByteBuffer] = []
            while let frame = try channel.readOutbound(as: ByteBuffer.self) {
                if frame.readableBytes > 0 { frames.append(frame) }
            }
            return frames
        }

        func advance(_ seconds: Int64) {
            channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
        }
    }

    private func closeFrame(_ code: UInt16, _ reason: String = "") -> ByteBuffer {
        FrameEncoding.unmasked(.connectionClose, FrameEncoding.closePayload(code: code, reason: reason))
    }

    @Test("frames of one turn keep their order and are flushed together")
    func coalescedFlush() throws {
        let bench = try Bench()
        let flushes = FlushCounter()
        try bench.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
        for number in 0..<20 { bench.connection.send(text: [UInt8(number)]) }
        let frames = try bench.sent()
        #expect(frames == (0..<20).map { FrameEncoding.unmasked(.text, [UInt8($0)]) })
        #expect(flushes.count == 1)
    }

    @Test("shared bytes are written without a copy")
    func sharedBytes() throws {
        let benches = try (0..<3).map { _ in try Bench() }
        let frame = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 1_000))
        for bench in benches { bench.connection.send(frame) }
        let addresses = try benches.map { bench in
            let buffer = try #require(try bench.sent().first)
            return buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(Set(addresses).count == 1)
    }

    @Test("a ping is answered with its payload")
    func ping() throws {
        let bench = try Bench()
        try bench.receive(.ping, [1, 2, 3])
        #expect(try bench.sent() == [FrameEncoding.unmasked(.pong, [1, 2, 3])])
    }

    @Test("of pings to a peer that does not read only the last is answered, when it reads again")
    func pingFlood() throws {
        let bench = try Bench()
        bench.channel.isWritable = false
        for number in 0..<100 { try bench.receive(.ping, [UInt8(number)]) }
        #expect(try bench.sent().isEmpty)
        bench.channel.isWritable = true
        bench.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try bench.sent() == [FrameEncoding.unmasked(.pong, [99])])
    }

    @Test("over its budget a socket drops what waits and closes as slow")
    func slow() throws {
        let bench = try Bench(WebSocketLimits(outgoingBudget: 1_000))
        bench.channel.isWritable = false
        let frame = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 396))
        bench.connection.send(frame)
        bench.connection.send(frame)
        #expect(bench.connection.waitingBytes == 800)
        bench.connection.send(frame)
        #expect(bench.connection.waitingBytes == 0)
        #expect(try bench.sent() == [closeFrame(4408, "slow")])
        bench.connection.send(frame)
        #expect(try bench.sent().isEmpty)
        bench.advance(5)
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 4408)
    }

    @Test("one frame may be larger than the budget when nothing waits")
    func largeFrame() throws {
        let bench = try Bench(WebSocketLimits(outgoingBudget: 100))
        bench.connection.send(text: [UInt8](repeating: 0x61, count: 500))
        #expect(try bench.sent().map(\.readableBytes) == [504])
    }

    @Test("what was sent before a close goes first, what is sent after it is dropped")
    func orderOfClose() throws {
        let bench = try Bench()
        bench.connection.send(text: [0x61])
        bench.connection.close(code: 4503, reason: "no")
        bench.connection.send(text: [0x62])
        #expect(try bench.sent() == [FrameEncoding.unmasked(.text, [0x61]), closeFrame(4503, "no")])
        try bench.receive(.connectionClose, FrameEncoding.closePayload(code: 4503, reason: ""))
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 4503)
    }

    @Test("a close that waits behind unread frames is bounded by the timer")
    func closeBehindUnread() throws {
        let bench = try Bench()
        bench.channel.isWritable = false
        bench.connection.send(text: [0x61])
        bench.connection.close(code: 1000)
        #expect(try bench.sent().isEmpty)
        bench.advance(5)
        #expect(!bench.channel.isActive)
    }

    @Test("the peer's close is echoed and the connection closed")
    func echo() throws {
        let bench = try Bench()
        try bench.receive(.connectionClose, FrameEncoding.closePayload(code: 4001, reason: ""))
        #expect(try bench.sent() == [closeFrame(4001)])
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 4001)
    }

    @Test("a frame above the limit closes with 1009, a long control frame with 1002")
    func unreadable() throws {
        let bench = try Bench(WebSocketLimits(maximumFrame: 10))
        try bench.receive(.text, [UInt8](repeating: 0x61, count: 11))
        #expect(try bench.sent() == [closeFrame(1009, "frame too large")])
        let other = try Bench()
        try other.receive(.ping, [UInt8](repeating: 0x61, count: 126))
        #expect(try other.sent() == [closeFrame(1002, "bad control frame")])
    }

    @Test("a ping goes out every ten seconds")
    func keepAlive() throws {
        let bench = try Bench()
        bench.advance(9)
        #expect(try bench.sent().isEmpty)
        for _ in 0..<5 {
            bench.advance(1)
            #expect(try bench.sent() == [FrameEncoding.unmasked(.ping, [])])
            try bench.receive(.pong)
            bench.advance(9)
        }
        #expect(bench.channel.isActive)
    }

    @Test("a peer that is silent for twenty seconds is cut")
    func dead() throws {
        let bench = try Bench()
        bench.advance(15)
        try bench.receive(.pong)
        bench.advance(19)
        #expect(bench.channel.isActive)
        bench.advance(1)
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 1006)
    }

    @Test("a session that does not consume stops the reading, and is not taken for a dead peer at once")
    func backPressure() throws {
        let bench = try Bench(WebSocketLimits(incomingMessages: 4))
        let reads = ReadCounter()
        try bench.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        for _ in 0..<3 { try bench.receive(.text, [0x61]) }
        bench.channel.read()
        #expect(reads.count == 1)
        try bench.receive(.text, [0x61])
        bench.channel.read()
        #expect(reads.count == 1)
        bench.advance(59)
        #expect(bench.channel.isActive)
        bench.advance(1)
        #expect(!bench.channel.isActive)
    }

    @Test("shutdown closes with 1001")
    func quiesce() throws {
        let bench = try Bench()
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try bench.sent() == [closeFrame(1001, "restart")])
    }

    @Test("a half-closed connection is closed")
    func halfClosed() throws {
        let bench = try Bench()
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!bench.channel.isActive)
    }

    @Test("a client masks what it sends, shared bytes too")
    func client() throws {
        let bench = try Bench(role: .client)
        bench.connection.send(WebSocketFrameBytes(text: Array("hello".utf8)))
        var frame = try #require(try bench.sent().first)
        let head = frame.readInteger(as: UInt16.self)
        #expect(head == 0x8185)
        let mask = frame.readBytes(length: 4)
        let key = try #require(mask)
        let text = frame.readableBytesView.enumerated().map { $0.element ^ key[$0.offset % 4] }
        #expect(text == Array("hello".utf8))
    }
}

private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
