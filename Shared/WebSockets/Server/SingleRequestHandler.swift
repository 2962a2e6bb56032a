import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Makes a plain request the only one of its connection: the answer says `Connection: close`.
///
/// Only the first request of a connection can become a socket. A proxy that kept the connection for a later upgrade
/// request would see it fail, so it must not keep it.
final class SingleRequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var hasRequest = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRequest else { return }
        if case .end = unwrapInboundIn(data) { hasRequest = true }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
        default:
            context.write(data, promise: promise)
        }
    }
}
