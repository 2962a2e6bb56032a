import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import WebSockets

@Suite("Handler of a socket")
struct WebSocketHandlerTests {
    private func closeFrame(_ code: UInt16, _ reason: String = "") -> ByteBuffer {
        FrameEncoding.unmasked(.connectionClose, FrameEncoding.closePayload(code: code, reason: reason))
    }

    @Test("frames of one turn keep their order and are flushed together")
    func coalescedFlush() throws {
        let bench = try SocketBench()
        let flushes = FlushCounter()
        try bench.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
        for number in 0..<20 { bench.connection.send(text: [UInt8(number)]) }
        let bytes = try bench.sent().flatMap { $0.readableBytesView }
        #expect(bytes == (0..<20).flatMap { [0x81, 1, $0] as [UInt8] })
        #expect(flushes.count == 1)
    }

    @Test("shared bytes are written without a copy")
    func sharedBytes() throws {
        let benches = try (0..<3).map { _ in try SocketBench() }
        let frame = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 1_000))
        for bench in benches { bench.connection.send(frame) }
        let addresses = try benches.map { bench in
            let buffer = try #require(try bench.sent().first)
            return buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(Set(addresses).count == 1)
    }

    @Test("small frames that wait together become one write, large ones stay as they are")
    func joined() throws {
        let bench = try SocketBench()
        let small = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 1_000))
        let large = WebSocketFrameBytes(text: [UInt8](repeating: 0x62, count: 20_000))
        for frame in [small, small, small, large, small] { bench.connection.send(frame) }
        #expect(try bench.sent().map(\.readableBytes) == [3 * 1_004, 20_004, 1_004])
        #expect(bench.connection.waitingBytes == 0)
    }

    @Test("several broadcasts of one turn are flushed once for each socket")
    func broadcasts() throws {
        let benches = try (0..<3).map { _ in try SocketBench() }
        let flushes = try benches.map { bench in
            let flushes = FlushCounter()
            try bench.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
            return flushes
        }
        for number in UInt8(0)..<5 {
            WebSocketConnection.broadcast(WebSocketFrameBytes(text: [number]), to: benches.map(\.connection))
        }
        for (bench, flushes) in zip(benches, flushes) {
            let bytes = try bench.sent().flatMap { $0.readableBytesView }
            #expect(bytes == (0..<5).flatMap { [0x81, 1, $0] as [UInt8] })
            #expect(flushes.count == 1)
        }
    }

    @Test("a ping is answered with its payload")
    func ping() throws {
        let bench = try SocketBench()
        try bench.receive(.ping, [1, 2, 3])
        #expect(try bench.sent() == [FrameEncoding.unmasked(.pong, [1, 2, 3])])
    }

    @Test("of pings to a peer that does not read only the last is answered, when it reads again")
    func pingFlood() throws {
        let bench = try SocketBench()
        bench.channel.isWritable = false
        for number in 0..<100 { try bench.receive(.ping, [UInt8(number)]) }
        #expect(try bench.sent().isEmpty)
        bench.channel.isWritable = true
        bench.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try bench.sent() == [FrameEncoding.unmasked(.pong, [99])])
    }

    @Test("over its budget a socket drops what waits and closes as slow")
    func slow() throws {
        let bench = try SocketBench(WebSocketLimits(outgoingBudget: 1_000))
        bench.channel.isWritable = false
        let frame = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 396))
        bench.connection.send(frame)
        bench.connection.send(frame)
        #expect(bench.connection.waitingBytes == 800)
        bench.connection.send(frame)
        #expect(bench.connection.waitingBytes == 0)
        #expect(try bench.sent() == [closeFrame(4408, "slow")])
        #expect(bench.connection.closeCode == 4408, "whoever sees the end of the messages has to know why")
        bench.connection.send(frame)
        #expect(try bench.sent().isEmpty)
        bench.advance(5)
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 4408)
    }

    @Test("one frame may be larger than the budget when nothing waits")
    func largeFrame() throws {
        let bench = try SocketBench(WebSocketLimits(outgoingBudget: 100))
        bench.connection.send(text: [UInt8](repeating: 0x61, count: 500))
        #expect(try bench.sent().map(\.readableBytes) == [504])
    }

    @Test("what was sent before a close goes first, what is sent after it is dropped")
    func orderOfClose() throws {
        let bench = try SocketBench()
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
        let bench = try SocketBench()
        bench.channel.isWritable = false
        bench.connection.send(text: [0x61])
        bench.connection.close(code: 1000)
        #expect(try bench.sent().isEmpty)
        bench.advance(5)
        #expect(!bench.channel.isActive)
    }

    @Test("the peer's close is echoed and the connection closed")
    func echo() throws {
        let bench = try SocketBench()
        try bench.receive(.connectionClose, FrameEncoding.closePayload(code: 4001, reason: ""))
        #expect(try bench.sent() == [closeFrame(4001)])
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 4001)
    }

    @Test("a frame above the limit closes with 1009, a long control frame with 1002")
    func unreadable() throws {
        let bench = try SocketBench(WebSocketLimits(maximumFrame: 10))
        try bench.receive(.text, [UInt8](repeating: 0x61, count: 11))
        #expect(try bench.sent() == [closeFrame(1009, "frame too large")])
        let other = try SocketBench()
        try other.receive(.ping, [UInt8](repeating: 0x61, count: 126))
        #expect(try other.sent() == [closeFrame(1002, "bad control frame")])
    }

    @Test("a session that does not consume stops the reading, and is not taken for a dead peer at once")
    func backPressure() throws {
        let bench = try SocketBench(WebSocketLimits(incomingMessages: 4))
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
        let bench = try SocketBench()
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try bench.sent() == [closeFrame(1001, "restart")])
    }

    @Test("a half-closed connection is closed")
    func halfClosed() throws {
        let bench = try SocketBench()
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!bench.channel.isActive)
    }

    @Test("a client masks what it sends, shared bytes too")
    func client() throws {
        let bench = try SocketBench(role: .client)
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

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
