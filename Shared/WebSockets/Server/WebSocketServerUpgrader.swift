import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// What became of an accepted connection.
enum ConnectionOutcome: Sendable {
    case plain(PlainChannel)
    case refused
    case webSocket(WebSocketConnection, handler: @Sendable (WebSocketConnection) async -> Void)
}

/// Decides about one upgrade request and turns the pipeline into a socket's. One per connection.
final class WebSocketServerUpgrader: NIOTypedHTTPServerProtocolUpgrader, Sendable {
    struct Refused: Error {}

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    private let limits: WebSocketLimits
    private let allowedOrigins: AllowedOrigins
    private let admit: @Sendable (HTTPRequest, any Channel) async -> WebSocketAdmission
    /// The decision, for the parts of the upgrade that come after it. Only touched on the connection's event loop.
    private let decision: NIOLoopBoundBox<WebSocketAdmission?>

    init(
        eventLoop: any EventLoop, limits: WebSocketLimits, allowedOrigins: AllowedOrigins,
        admit: @escaping @Sendable (HTTPRequest, any Channel) async -> WebSocketAdmission
    ) {
        self.limits = limits
        self.allowedOrigins = allowedOrigins
        self.admit = admit
        decision = NIOLoopBoundBox(nil, eventLoop: eventLoop)
    }

    /// `nil` until a refusal was decided.
    var refusal: WebSocketAdmission? {
        guard case .refuse = decision.value else { return nil }
        return decision.value
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        // "Upgrade: websocket" twice asks twice; the first answer stands.
        guard decision.value == nil else { return channel.eventLoop.makeFailedFuture(Refused()) }
        switch UpgradeRequest.check(upgradeRequest) {
        case .refused(let refusal):
            return refuse(refusal, channel)
        case .valid(let request) where !allowedOrigins.allows(request.origin):
            return refuse(UpgradeRequest.originRefused, channel)
        case .valid(let request):
            return channel.eventLoop.makeFutureWithTask { [admit] in
                await admit(request.request, channel)
            }.flatMapThrowing { [decision] admission in
                decision.value = admission
                guard case .accept = admission else { throw Refused() }
                return [
                    "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": UpgradeRequest.accept(for: request.key),
                ]
            }
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<ConnectionOutcome> {
        channel.eventLoop.makeCompletedFuture {
            guard case .accept(let handler) = decision.value else { throw Refused() }
            let connection = try WebSocketPipeline.configure(channel, role: .server, limits: limits)
            return .webSocket(connection, handler: handler)
        }
    }

    private func refuse(_ refusal: WebSocketAdmission, _ channel: any Channel) -> EventLoopFuture<HTTPHeaders> {
        decision.value = refusal
        return channel.eventLoop.makeFailedFuture(Refused())
    }
}

/// The handlers of an open socket, for both roles.
enum WebSocketPipeline {
    /// Must be called on the channel's event loop, with nothing of HTTP left in the pipeline.
    static func configure(
        _ channel: any Channel, role: ProtocolState.Role, limits: WebSocketLimits
    ) throws -> WebSocketConnection {
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.maximumFrame)))
        return try WebSocketConnection(channel: channel, role: role, limits: limits)
    }
}
