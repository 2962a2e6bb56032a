import NIOCore
import NIOPosix
import Testing

@testable import WebSockets

@Suite("Who may open a socket", .timeLimit(.minutes(1)))
struct AdmissionTests {
    @Test(
        "foreign, look-alike and missing origins get 403",
        arguments: ["https://evil.example", "https://meet.example.evil", "null", nil])
    func foreignOrigin(origin: String?) async throws {
        try await LiveServer.run { server in
            await #expect(throws: WebSocketError(.refused(status: 403), "The server answered 403.")) {
                try await server.connect(origin: origin)
            }
        }
    }

    @Test("the refusal is a problem document and the last answer of its connection")
    func refusalBody() async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(head: RawStream.upgrade.map { $0.hasPrefix("Origin") ? "Origin: https://x" : $0 })
                return String(decoding: try await peer.rest(), as: UTF8.self)
            }
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(answer.contains("Content-Type: application/problem+json"))
            #expect(answer.contains("Connection: close"))
            #expect(answer.contains(#""code":"origin_refused""#))
        }
    }

    @Test("two origins are refused")
    func twoOrigins() async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(head: RawStream.upgrade + ["Origin: https://meet.example"])
                return try await peer.read(through: "\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("another path is answered as the application says")
    func otherPath() async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(head: ["GET /other HTTP/1.1"] + RawStream.upgrade.dropFirst())
                return try await peer.read(through: "\r\n\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 404 "))
            #expect(answer.contains("Connection: close"))
        }
    }

    @Test("a wrong version gets 426 and hears the right one", arguments: ["8", "13, 8", ""])
    func wrongVersion(version: String) async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(
                    head: RawStream.upgrade.map {
                        $0.hasPrefix("Sec-WebSocket-Version") ? "Sec-WebSocket-Version: \(version)" : $0
                    })
                return try await peer.read(through: "\r\n\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 426 "))
            #expect(answer.contains("Sec-WebSocket-Version: 13"))
        }
    }

    @Test(
        "requests that are no proper handshake get 400",
        arguments: [
            "Sec-WebSocket-Key: short", "Connection: keep-alive", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ])
    func malformed(line: String) async throws {
        try await LiveServer.run { server in
            let name = line.prefix { $0 != ":" }
            let isSecondKey = line.hasSuffix("==")
            let head = RawStream.upgrade.map { $0.hasPrefix(name) && !isSecondKey ? line : $0 }
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(head: isSecondKey ? head + [line] : head)
                return try await peer.read(through: "\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test("a plain request is served once and says that its connection closes")
    func plain() async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                let upgrade = RawStream.upgrade.joined(separator: "\r\n") + "\r\n\r\n"
                try await peer.send(ByteBuffer(string: request + upgrade))
                return String(decoding: try await peer.rest(), as: UTF8.self)
            }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.lowercased().contains("connection: close"))
            #expect(answer.hasSuffix("plain"))
            #expect(!answer.contains("101"))
        }
    }

    @Test("an upgrade request with a body, and bytes that are not HTTP, close the connection")
    func noise() async throws {
        try await LiveServer.run { server in
            for text in [
                RawStream.upgrade.joined(separator: "\r\n") + "\r\nContent-Length: 3\r\n\r\nabc", "\u{1}\u{2}\r\n\r\n",
            ] {
                let answer = try await RawPeer.run(port: server.port) { peer in
                    try await peer.send(ByteBuffer(string: text))
                    return String(decoding: try await peer.rest(), as: UTF8.self)
                }
                #expect(!answer.contains("101 "))
            }
            let client = try await server.connect()
            client.close()
        }
    }

    @Test("a head that is too large is refused")
    func largeHead() async throws {
        try await LiveServer.run { server in
            let answer = try await RawPeer.run(port: server.port) { peer in
                try await peer.send(head: RawStream.upgrade + ["X: " + String(repeating: "a", count: 40_000)])
                return try await peer.read(through: "\r\n")
            }
            #expect(!answer.contains(" 101 "))
        }
    }

    @Test("a client refuses a server that does not choose its subprotocol, and a server that is none")
    func clientRefusals() async throws {
        try await LiveServer.run { server in
            await #expect(throws: WebSocketError.self) { try await server.connect(subprotocol: "janus-protocol") }
        }
        await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.connect(
                url: "http://127.0.0.1:1/", eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        }
        await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.connect(
                url: "ws://127.0.0.1:1/", eventLoopGroup: MultiThreadedEventLoopGroup.singleton, timeout: .seconds(2))
        }
    }
}
