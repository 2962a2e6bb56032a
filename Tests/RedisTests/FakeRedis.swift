import NIOCore
import NIOPosix

@testable import Redis

/// A server on loopback that answers as a test wants it.
final class FakeRedis: Sendable {
    /// A command in words, and the answer as RESP.
    typealias Answer = @Sendable ([String]) -> String

    let node: RedisNode
    private let channel: any Channel

    /// - Parameter answer: for what comes after the greeting of a connection.
    static func withServer<Result: Sendable>(
        slots: @escaping @Sendable (RedisNode) -> String, answer: @escaping Answer,
        _ body: @Sendable (FakeRedis) async throws -> Result
    ) async throws -> Result {
        let server = try await FakeRedis(slots: slots, answer: answer)
        do {
            let result = try await body(server)
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(slots: @escaping @Sendable (RedisNode) -> String, answer: @escaping Answer) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = Handler(
                        reader: try RESPReader(limit: 1_000_000),
                        answer: { words in
                            switch words.prefix(2) {
                            case ["PING"]: "+PONG\r\n"
                            case ["CLUSTER", "SLOTS"]:
                                slots(RedisNode(host: "127.0.0.1", port: channel.localAddress?.port ?? 0))
                            default: answer(words)
                            }
                        })
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        node = RedisNode(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let reader: RESPReader
        private let answer: Answer

        init(reader: RESPReader, answer: @escaping Answer) {
            self.reader = reader
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            do {
                try reader.feed(unwrapInboundIn(data))
                while let words = try reader.next()?.array?.compactMap(\.string) {
                    context.write(wrapOutboundOut(ByteBuffer(string: answer(words))), promise: nil)
                }
                context.flush()
            } catch {
                context.close(promise: nil)
            }
        }
    }
}
