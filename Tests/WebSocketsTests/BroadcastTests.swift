import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import WebSockets

@Suite("Fan-out", .timeLimit(.minutes(1)))
struct BroadcastTests {
    /// The server's ends of open sockets.
    private final class Members: Sendable {
        private let all = NIOLockedValueBox<[WebSocketConnection]>([])

        @Sendable func serve(_ connection: WebSocketConnection) async {
            all.withLockedValue { $0.append(connection) }
            for await _ in connection.inbound {}
        }

        func gathered(_ count: Int) async throws -> [WebSocketConnection] {
            while true {
                let members = all.withLockedValue { $0 }
                if members.count == count { return members }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test("everybody gets every frame in the same order")
    func order() async throws {
        let members = Members()
        try await LiveServer.run(session: members.serve) { server in
            var clients: [WebSocketConnection] = []
            for _ in 0..<20 { clients.append(try await server.connect()) }
            let sockets = try await members.gathered(20)
            for number in 0..<300 {
                WebSocketConnection.broadcast(WebSocketFrameBytes(text: Array("\(number)".utf8)), to: sockets)
            }
            for client in clients {
                var iterator = client.inbound.makeAsyncIterator()
                for number in 0..<300 { #expect(await iterator.next() == .text(Array("\(number)".utf8))) }
                client.close()
            }
        }
    }

    @Test("a peer that does not read is closed as slow, and nobody else waits for it")
    func slowReader() async throws {
        let members = Members()
        let limits = WebSocketLimits(closeTimeout: .milliseconds(500))
        try await LiveServer.run(limits: limits, session: members.serve) { server in
            // Nobody consumes: the inbox fills, the client stops reading, and the server's bytes wait.
            let slow = try await server.connect(limits: WebSocketLimits(incomingMessages: 2))
            let healthy = try await server.connect()
            let sockets = try await members.gathered(2)
            let frame = WebSocketFrameBytes(text: [UInt8](repeating: 0x61, count: 60_000))
            var iterator = healthy.inbound.makeAsyncIterator()
            var sent = 0
            while !sockets.contains(where: { $0.closeCode != nil }), sent < 200 {
                WebSocketConnection.broadcast(frame, to: sockets)
                sent += 1
                #expect(await iterator.next()?.byteCount == 60_000)
            }
            while !sockets.contains(where: { $0.closeCode != nil }) { try await Task.sleep(for: .milliseconds(5)) }
            let closed = sockets.filter { $0.closeCode != nil }
            #expect(closed.count == 1)
            #expect(closed.first?.closeCode == 4408)
            #expect(closed.first?.waitingBytes == 0)
            healthy.close()
            slow.abort()
        }
    }
}
