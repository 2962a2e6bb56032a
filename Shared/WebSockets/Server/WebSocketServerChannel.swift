import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

typealias PlainChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

extension HTTPServerBuilder {
    /// A server that opens sockets. Each other request goes to the router, one for each connection, and is answered
    /// with `Connection: close`.
    ///
    /// - Parameters:
    ///   - allowedOrigins: Checked before `admit`; others are answered 403 `origin_refused`.
    ///   - admit: Decides about a well-formed upgrade request: path, rate, whether the server is draining.
    public static func webSocketUpgrade(
        limits: WebSocketLimits = WebSocketLimits(),
        logger: Logger,
        allowedOrigins: AllowedOrigins,
        admit: @escaping @Sendable (HTTPRequest, any Channel) async -> WebSocketAdmission
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            WebSocketServerChannel(
                responder: responder, limits: limits, allowedOrigins: allowedOrigins, admit: admit, logger: logger)
        }
    }
}

struct WebSocketServerChannel: ServerChildChannel, HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let outcome: EventLoopFuture<ConnectionOutcome>
    }

    let responder: HTTPChannelHandler.Responder
    let limits: WebSocketLimits
    let allowedOrigins: AllowedOrigins
    let admit: @Sendable (HTTPRequest, any Channel) async -> WebSocketAdmission
    let logger: Logger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try TransientReceiveAllocator.use(for: channel)
            try UnsentBytes.limit(of: channel)
            let upgrader = WebSocketServerUpgrader(
                eventLoop: channel.eventLoop, limits: limits, allowedOrigins: allowedOrigins, admit: admit)
            let idleTimeout = limits.idleTimeout
            let handshakeGuard = HandshakeGuard(timeout: TimeAmount(limits.handshakeTimeout))
            let boundGuard = NIOLoopBound(handshakeGuard, eventLoop: channel.eventLoop)
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<ConnectionOutcome>(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    if let refusal = upgrader.refusal { return Self.answer(refusal, channel) }
                    return Self.makePlain(channel, idleTimeout: idleTimeout, logger: logger)
                })
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            configuration.enablePipelining = false
            configuration.decoderConfiguration = Self.headLimits
            let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration)
            try channel.pipeline.syncOperations.addHandler(handshakeGuard)
            outcome.whenComplete { result in
                channel.pipeline.syncOperations.removeHandler(boundGuard.value, promise: nil)
                if case .failure = result { channel.close(promise: nil) }
            }
            return Value(channel: channel, outcome: outcome)
        }
    }

    func handle(value: Value, logger: Logger) async {
        switch try? await value.outcome.get() {
        case .plain(let channel):
            await serve(channel, logger)
        case .refused:
            await waitUntilClosed(value.channel)
        case .webSocket(let connection, let handler):
            await serve(connection, handler, logger)
        case nil:
            value.channel.close(promise: nil)
        }
    }

    // The next ones stay functions of their own: a socket keeps the frames of all it waits in for as long as it is open,
    // and with them put into it that of `handle` would be four times as large.

    @inline(never)
    private func serve(_ channel: PlainChannel, _ logger: Logger) async {
        await handleHTTP(asyncChannel: channel, logger: logger)
    }

    @inline(never)
    private func waitUntilClosed(_ channel: any Channel) async {
        try? await channel.closeFuture.get()
    }

    @inline(never)
    private func serve(
        _ connection: WebSocketConnection, _ handler: @Sendable (WebSocketConnection) async -> Void, _ logger: Logger
    ) async {
        await withTaskCancellationHandler {
            await handler(connection)
        } onCancel: {
            connection.close(code: 1001, reason: "restart")
        }
        connection.close()
        await waitUntilClosed(connection.channel)
        logEnd(connection, logger)
    }

    @inline(never)
    private func logEnd(_ connection: WebSocketConnection, _ logger: Logger) {
        logger.debug("Socket closed", metadata: ["code": "\(connection.closeCode ?? 0)"])
    }

    /// A head of a browser behind a gateway is a few kilobytes.
    private static var headLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1_024
        limits.maxHeaderListSize = 32 * 1_024
        limits.maxHeaderFieldCount = 100
        return limits
    }

    private static func makePlain(
        _ channel: any Channel, idleTimeout: Duration, logger: Logger
    ) -> EventLoopFuture<ConnectionOutcome> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(SingleRequestHandler())
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: idleTimeout, logger: logger))
            return .plain(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    /// Answers below Hummingbird: the request's last part is not in order any more when a refusal is decided at once.
    private static func answer(
        _ refusal: WebSocketAdmission, _ channel: any Channel
    ) -> EventLoopFuture<ConnectionOutcome> {
        guard case .refuse(let status, let body, let fields) = refusal else {
            return channel.eventLoop.makeSucceededFuture(.refused)
        }
        var headers = HTTPHeaders(fields)
        headers.replaceOrAdd(name: "Connection", value: "close")
        headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status.code), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeSucceededFuture(.refused)
    }
}
