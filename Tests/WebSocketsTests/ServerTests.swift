import NIOCore
import NIOWebSocket
import Testing

@testable import WebSockets

@Suite("Server with real sockets", .timeLimit(.minutes(1)))
struct ServerTests {
    private func closeFrame(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        let payload = FrameEncoding.closePayload(code: code, reason: reason)
        return Array(FrameEncoding.unmasked(.connectionClose, payload).readableBytesView)
    }

    @Test("what is sent comes back, in order, and the close code is kept")
    func echo() async throws {
        try await LiveServer.run { server in
            let client = try await server.connect()
            for number in 0..<500 { client.send(text: Array("message \(number)".utf8)) }
            client.send(text: [UInt8](repeating: 0x61, count: 200_000))
            var expected = 0
            for await message in client.inbound {
                if expected == 500 {
                    #expect(message.byteCount == 200_000)
                    client.close(code: 4001, reason: "done")
                } else {
                    #expect(message == .text(Array("message \(expected)".utf8)))
                }
                expected += 1
            }
            await client.waitUntilClosed()
            #expect(expected == 501)
            #expect(client.closeCode == 4001)
        }
    }

    @Test("the handshake is answered as the RFC's example")
    func handshake() async throws {
        try await LiveServer.run { server in
            let head = try await RawPeer.run(port: server.port) { peer in try await peer.openSocket() }
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(!head.lowercased().contains("sec-websocket-extensions"))
        }
    }

    @Test("a frame in the same packet as the request is not lost")
    func earlyFrame() async throws {
        try await LiveServer.run { server in
            let echoed = try await RawPeer.run(port: server.port) { peer in
                var packet = ByteBuffer(string: RawStream.upgrade.joined(separator: "\r\n") + "\r\n\r\n")
                packet.writeImmutableBuffer(FrameEncoding.masked(.text, Array("early".utf8), key: 7))
                try await peer.send(packet)
                _ = try await peer.read(through: "\r\n\r\n")
                return try await peer.bytes(7)
            }
            #expect(echoed == [0x81, 5] + Array("early".utf8))
        }
    }

    @Test(
        "broken frames are answered with the right code and the end",
        arguments: [
            (ByteBuffer(bytes: [0x81, 1, 0x61]), 1002, "frame not masked"),
            (ByteBuffer(bytes: [0xC1, 0x81, 0, 0, 0, 0, 0x61]), 1002, "reserved bit set"),
            (ByteBuffer(bytes: [0x83, 0x80, 0, 0, 0, 0]), 1002, "unknown opcode"),
            (ByteBuffer(bytes: [0x09, 0x80, 0, 0, 0, 0]), 1002, "bad control frame"),
            (ByteBuffer(bytes: [0x81, 0x81, 0, 0, 0, 0, 0xFF]), 1007, "text is not UTF-8"),
            (ByteBuffer(bytes: [0x82, 0x81, 0, 0, 0, 0, 0xFF]), 1003, "binary not accepted"),
            (ByteBuffer(bytes: [0x81, 0xFF, 0, 0, 0, 0, 0, 5, 0, 0, 1, 1, 1, 1]), 1009, "frame too large"),
        ] as [(ByteBuffer, UInt16, String)])
    func brokenFrames(bytes: ByteBuffer, code: UInt16, reason: String) async throws {
        let limits = WebSocketLimits(closeTimeout: .milliseconds(300))
        let expected = closeFrame(code, reason)
        try await LiveServer.run(limits: limits) { server in
            let rest = try await RawPeer.run(port: server.port) { peer in
                _ = try await peer.openSocket()
                try await peer.send(bytes)
                return try await peer.rest()
            }
            #expect(rest == expected)
        }
    }

    @Test("a message of many fragments is joined, and one above the limit refused")
    func fragments() async throws {
        let limits = WebSocketLimits(maximumMessage: 1_000, closeTimeout: .milliseconds(300))
        let tooLarge = closeFrame(1009, "message too large")
        try await LiveServer.run(limits: limits) { server in
            let bytes = try await RawPeer.run(port: server.port) { peer in
                _ = try await peer.openSocket()
                try await peer.send(ByteBuffer(bytes: [0x01, 0x81, 0, 0, 0, 0, 0x61]))
                try await peer.send(ByteBuffer(bytes: [0x89, 0x80, 0, 0, 0, 0]))
                try await peer.send(ByteBuffer(bytes: [0x80, 0x81, 0, 0, 0, 0, 0x62]))
                let joined = try await peer.bytes(6)
                let part = [UInt8](repeating: 0x61, count: 100)
                for index in 0..<11 {
                    var frame = FrameEncoding.masked(.text, part, key: 0)
                    frame.setInteger(index == 0 ? 0x01 : 0x00 as UInt8, at: frame.readerIndex)
                    try await peer.send(frame)
                }
                return (joined, try await peer.rest())
            }
            #expect(bytes.0 == [0x8A, 0, 0x81, 2, 0x61, 0x62])
            #expect(bytes.1 == tooLarge)
        }
    }

    @Test("a socket that only goes silent is cut", arguments: [true, false])
    func silence(opened: Bool) async throws {
        let limits = WebSocketLimits(
            ping: .milliseconds(100), pingTimeout: .milliseconds(300), handshakeTimeout: .milliseconds(300))
        try await LiveServer.run(limits: limits) { server in
            let clock = ContinuousClock()
            let begin = clock.now
            _ = try await RawPeer.run(port: server.port) { peer in
                if opened { _ = try await peer.openSocket() }
                return try await peer.rest()
            }
            #expect(clock.now - begin < .seconds(5))
        }
    }

    @Test("a peer that vanishes half-way through its request is cut")
    func halfRequest() async throws {
        try await LiveServer.run(limits: WebSocketLimits(handshakeTimeout: .milliseconds(300))) { server in
            let rest = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(ByteBuffer(string: "GET /socket HTTP/1.1\r\nHost: a"))
                return try await peer.rest()
            }
            #expect(rest.isEmpty)
        }
    }

    @Test("shutdown closes every socket with 1001 and ends")
    func shutdown() async throws {
        try await LiveServer.run { server in
            let clients = [try await server.connect(), try await server.connect()]
            await server.stop()
            for client in clients {
                for await _ in client.inbound {}
                await client.waitUntilClosed()
                #expect(client.closeCode == 1001)
            }
        }
    }

    @Test("data waits for a busy session without loss, while pings are answered")
    func busySession() async throws {
        let session: @Sendable (WebSocketConnection) async -> Void = { connection in
            try? await Task.sleep(for: .seconds(3))
            await LiveServer.echo(connection)
        }
        let limits = WebSocketLimits(ping: .milliseconds(250), pingTimeout: .seconds(2))
        try await LiveServer.run(limits: limits, session: session) { server in
            let client = try await server.connect(limits: limits)
            for number in 0..<40 { client.send(text: Array("\(number)".utf8)) }
            var iterator = client.inbound.makeAsyncIterator()
            for number in 0..<40 { #expect(await iterator.next() == .text(Array("\(number)".utf8))) }
            client.close()
        }
    }

    @Test("more than the inbox holds arrives too, once the session consumes")
    func backPressure() async throws {
        let session: @Sendable (WebSocketConnection) async -> Void = { connection in
            try? await Task.sleep(for: .milliseconds(300))
            var count = 0
            for await message in connection.inbound where message.byteCount == 10_000 {
                count += 1
                if count == 500 { connection.send(text: Array("all".utf8)) }
            }
        }
        try await LiveServer.run(limits: WebSocketLimits(incomingMessages: 8), session: session) { server in
            let client = try await server.connect(limits: WebSocketLimits(outgoingBudget: 64 << 20))
            let text = [UInt8](repeating: 0x61, count: 10_000)
            for _ in 0..<500 { client.send(text: text) }
            var iterator = client.inbound.makeAsyncIterator()
            #expect(await iterator.next() == .text(Array("all".utf8)))
            client.close()
        }
    }

    @Test("a returning session closes its socket normally")
    func sessionEnds() async throws {
        try await LiveServer.run(session: { $0.send(text: [0x61]) }) { server in
            let client = try await server.connect()
            var messages: [WebSocketMessage] = []
            for await message in client.inbound { messages.append(message) }
            await client.waitUntilClosed()
            #expect(messages == [.text([0x61])])
            #expect(client.closeCode == 1000)
        }
    }
}
