import NIOCore
import NIOPosix

/// Stands before a server and swallows what it says after a number of bytes, without closing anything.
struct FallingSilent {
    let port: Int
    private let listener: any Channel

    static func start(to port: Int, after bytes: Int) async throws -> FallingSilent {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                // On one event loop, so that the two halves need no locks.
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { server in
                        try server.pipeline.syncOperations.addHandler(Half(to: client, limit: bytes))
                        try client.pipeline.syncOperations.addHandler(Half(to: server, limit: .max))
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FallingSilent(port: listener.localAddress?.port ?? 0, listener: listener)
    }

    func stop() async {
        try? await listener.close()
    }

    private final class Half: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let other: any Channel
        private var left: Int

        init(to other: any Channel, limit: Int) {
            self.other = other
            left = limit
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            guard let piece = buffer.readSlice(length: min(left, buffer.readableBytes)), piece.readableBytes > 0 else {
                return
            }
            left -= piece.readableBytes
            other.writeAndFlush(piece, promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if left > 0 { other.close(promise: nil) }
        }
    }
}
