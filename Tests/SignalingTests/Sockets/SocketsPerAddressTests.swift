import NIOPosix
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("Sockets of one address", .timeLimit(.minutes(1)))
struct SocketsPerAddressTests {
    @Test("each address has its own places, and one that is given back can be taken again")
    func counting() {
        let sockets = SocketsPerAddress(TrustedProxies(), limit: 2)
        #expect(["a", "a", "a", "b"].map { sockets.take($0) } == [true, true, false, true])
        sockets.giveBack("a")
        #expect(sockets.take("a"))
        for source in ["a", "a", "b"] { sockets.giveBack(source) }
        #expect(sockets.addresses == 0)
    }

    @Test("one address is refused with 429 above the limit, others are not, and places come back")
    func limit() async throws {
        try await TestCluster.run(nodes: 1, times: .forTests(hello: .seconds(60))) { cluster in
            var sockets: [WebSocketConnection] = []
            for number in 0..<Limits.socketsPerAddress {
                // All of one /64.
                sockets.append(try await open(cluster, "2001:db8:0:1::\(number)"))
            }
            let refused = WebSocketError(.refused(status: 429), "The server answered 429.")
            await #expect(throws: refused) { try await open(cluster, "2001:db8:0:1:ffff::1") }
            sockets.append(try await open(cluster, "203.0.113.7"))
            sockets.removeFirst().abort()
            try await eventually("a place is free") {
                guard let socket = try? await open(cluster, "2001:db8:0:1::1") else { return "it is refused" }
                socket.abort()
                return nil
            }
            for socket in sockets { socket.abort() }
        }
    }

    private func open(_ cluster: TestCluster, _ address: String) async throws -> WebSocketConnection {
        try await WebSocketClient.connect(
            url: "ws://127.0.0.1:\(cluster.ports[0].outer)/api/signaling/rooms/\(cluster.room.rawValue)/socket",
            headers: [("Origin", TestCluster.origin), ("X-Forwarded-For", address)],
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }
}
