import Foundation
import NIOCore
import NIOHTTP1

/// The client's half of the handshake (RFC 6455, 4.1). One per connection.
final class WebSocketClientUpgrader: NIOTypedHTTPClientProtocolUpgrader, Sendable {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    private let key: String
    private let subprotocol: String?
    private let limits: WebSocketLimits

    init(subprotocol: String?, limits: WebSocketLimits) {
        self.subprotocol = subprotocol
        self.limits = limits
        key = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
    }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        upgradeRequestHeaders.add(name: "Sec-WebSocket-Key", value: key)
        upgradeRequestHeaders.add(name: "Sec-WebSocket-Version", value: UpgradeRequest.supportedVersion)
    }

    func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
        let headers = upgradeResponse.headers
        return headers["Sec-WebSocket-Accept"] == [UpgradeRequest.accept(for: key)]
            && headers["Sec-WebSocket-Protocol"] == (subprotocol.map { [$0] } ?? [])
            && headers["Sec-WebSocket-Extensions"].isEmpty
    }

    func upgrade(channel: any Channel, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<WebSocketConnection> {
        channel.eventLoop.makeCompletedFuture {
            try WebSocketPipeline.configure(channel, role: .client, limits: limits)
        }
    }
}
