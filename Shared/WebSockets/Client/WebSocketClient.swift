import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Opens sockets to a server: to a media node, and in tests.
public enum WebSocketClient {
    /// Connects and returns when the server has agreed. The caller closes the connection.
    ///
    /// - Parameters:
    ///   - url: `ws://` or `wss://`.
    ///   - headers: Added to the request, for instance `Origin`.
    ///   - subprotocol: Asked for; a server that does not choose it is refused.
    ///   - timeout: For everything up to the server's agreement.
    /// - Throws: `WebSocketError`.
    public static func connect(
        url: String,
        headers: [(String, String)] = [],
        subprotocol: String? = nil,
        limits: WebSocketLimits = WebSocketLimits(),
        tls: TLSConfiguration = .makeClientConfiguration(),
        eventLoopGroup: any EventLoopGroup,
        timeout: Duration = .seconds(5)
    ) async throws -> WebSocketConnection {
        let target = try WebSocketURL(url)
        let upgrader = WebSocketClientUpgrader(subprotocol: subprotocol, limits: limits)
        let request = requestHead(target, headers: headers, subprotocol: subprotocol)
        let tlsContext = target.isSecure ? try NIOSSLContext(configuration: tls) : nil
        let limit = TimeAmount(timeout)
        let opened: EventLoopFuture<WebSocketConnection>
        do {
            opened = try await ClientBootstrap(group: eventLoopGroup)
                .connectTimeout(limit)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tlsContext {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: tlsContext, serverHostname: target.serverName))
                        }
                        return try configure(channel, request: request, upgrader: upgrader, timeout: limit)
                    }
                }
        } catch let error as WebSocketError {
            throw error
        } catch {
            throw WebSocketError(.connectionFailed, "No connection to \(target.authority): \(error)")
        }
        do {
            return try await opened.get()
        } catch let error as WebSocketError {
            throw error
        } catch {
            throw WebSocketError(.connectionFailed, "\(target.authority) did not open the socket: \(error)")
        }
    }

    private static func configure(
        _ channel: any Channel, request: HTTPRequestHead, upgrader: WebSocketClientUpgrader, timeout: TimeAmount
    ) throws -> EventLoopFuture<WebSocketConnection> {
        let status = NIOLoopBoundBox<Int?>(nil, eventLoop: channel.eventLoop)
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration<WebSocketConnection>(
                upgradeRequestHead: request,
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    let code = status.value ?? 0
                    let refused = WebSocketError(.refused(status: code), "The server answered \(code).")
                    return channel.eventLoop.makeFailedFuture(refused)
                }))
        // The first frame may come in the same packet as the answer.
        configuration.leftOverBytesStrategy = .forwardBytes
        let pipeline = channel.pipeline.syncOperations
        let upgraded = try pipeline.configureUpgradableHTTPClientPipeline(configuration: configuration)
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self)
        try pipeline.addHandler(ResponseStatusReader(status), position: .after(decoder.handler))

        let promise = channel.eventLoop.makePromise(of: WebSocketConnection.self)
        let timer = channel.eventLoop.scheduleTask(in: timeout) {
            promise.fail(WebSocketError(.timeout, "The server did not answer in time."))
            channel.close(promise: nil)
        }
        upgraded.whenComplete { result in
            timer.cancel()
            if case .failure = result { channel.close(promise: nil) }
            promise.completeWith(result)
        }
        return promise.futureResult
    }

    private static func requestHead(
        _ target: WebSocketURL, headers: [(String, String)], subprotocol: String?
    ) -> HTTPRequestHead {
        var fields = HTTPHeaders([("Host", target.authority)])
        fields.add(contentsOf: headers)
        if let subprotocol { fields.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: target.target, headers: fields)
    }
}

/// Notes the status of the answer: a failed upgrade does not tell it.
private final class ResponseStatusReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    private let status: NIOLoopBoundBox<Int?>

    init(_ status: NIOLoopBoundBox<Int?>) {
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            status.value = Int(head.status.code)
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } else {
            context.fireChannelRead(data)
        }
    }
}
