import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import WebSockets

/// A server with real sockets on a free port: `GET /` answers "plain", `/socket` opens a socket.
struct LiveServer {
    static let origin = "https://meet.example"

    let port: Int
    /// Starts the graceful shutdown.
    let stop: @Sendable () async -> Void

    var url: String { "ws://127.0.0.1:\(port)/socket" }

    static func run(
        limits: WebSocketLimits = WebSocketLimits(),
        session: @escaping @Sendable (WebSocketConnection) async -> Void = echo,
        test: @escaping @Sendable (LiveServer) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let router = Router()
        router.get("/") { _, _ in "plain" }
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            server: .webSocketUpgrade(
                limits: limits, logger: logger, allowedOrigins: AllowedOrigins([origin]),
                admit: { request, _ in
                    guard request.path == "/socket" else {
                        return .refuse(status: .notFound, body: [], headers: [:])
                    }
                    return .accept(handler: session)
                }),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in announce.yield(channel.localAddress?.port ?? 0) },
            logger: logger)
        let group = ServiceGroup(
            configuration: .init(services: [application], gracefulShutdownSignals: [], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { return }
            try await test(LiveServer(port: port) { await group.triggerGracefulShutdown() })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Sendable static func echo(_ connection: WebSocketConnection) async {
        for await message in connection.inbound {
            if case .text(let text) = message { connection.send(text: text) }
        }
    }

    func connect(
        origin: String? = LiveServer.origin, limits: WebSocketLimits = WebSocketLimits(), subprotocol: String? = nil
    ) async throws -> WebSocketConnection {
        try await WebSocketClient.connect(
            url: url, headers: origin.map { [("Origin", $0)] } ?? [], subprotocol: subprotocol, limits: limits,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }
}

/// A bare TCP connection.
struct RawPeer {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func run<Result: Sendable>(
        port: Int, _ body: @escaping @Sendable (inout RawStream) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var stream = RawStream(iterator: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&stream)
        }
    }
}

struct RawStream {
    static let upgrade = [
        "GET /socket HTTP/1.1", "Host: meet.example", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: https://meet.example",
    ]

    var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ByteBuffer()

    init(
        iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.iterator = iterator
        self.outbound = outbound
    }

    func send(head lines: [String]) async throws {
        try await outbound.write(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n"))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await outbound.write(bytes)
    }

    /// The bytes up to and including `end`, or all of them if the peer closes before.
    mutating func read(through end: String) async throws -> String {
        while true {
            let text = String(buffer: received)
            if let range = text.firstRange(of: end) {
                let head = String(text[..<range.upperBound])
                received.moveReaderIndex(forwardBy: head.utf8.count)
                return head
            }
            guard let more = try await iterator.next() else { return text }
            received.writeImmutableBuffer(more)
        }
    }

    /// Opens a socket and answers the server's head.
    mutating func openSocket() async throws -> String {
        try await send(head: Self.upgrade)
        return try await read(through: "\r\n\r\n")
    }

    mutating func bytes(_ count: Int) async throws -> [UInt8] {
        while received.readableBytes < count {
            guard let more = try await iterator.next() else { break }
            received.writeImmutableBuffer(more)
        }
        return received.readBytes(length: min(count, received.readableBytes)) ?? []
    }

    /// Everything up to the end of the connection.
    mutating func rest() async throws -> [UInt8] {
        while let more = try await iterator.next() { received.writeImmutableBuffer(more) }
        return received.readBytes(length: received.readableBytes) ?? []
    }
}
