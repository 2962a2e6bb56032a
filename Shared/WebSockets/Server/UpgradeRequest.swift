import Crypto
import Foundation
import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1
import ParleyProtocol

/// An upgrade request that asks for a WebSocket, checked against RFC 6455, 4.2.1.
struct UpgradeRequest {
    static let supportedVersion = "13"
    private static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    let request: HTTPRequest
    let key: String
    let origin: String?

    enum Check {
        case valid(UpgradeRequest)
        case refused(WebSocketAdmission)
    }

    static func check(_ head: HTTPRequestHead) -> Check {
        guard head.method == .GET, head.version == .http1_1,
            head.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "upgrade" }),
            let request = try? HTTPRequest(head, secure: false, splitCookie: false)
        else { return .refused(problem(400, "This is no WebSocket request.")) }
        guard head.headers["Sec-WebSocket-Version"] == [supportedVersion] else { return .refused(wrongVersion) }
        let keys = head.headers["Sec-WebSocket-Key"]
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == 16 else {
            return .refused(problem(400, "Sec-WebSocket-Key is missing or malformed."))
        }
        let origins = head.headers["Origin"]
        guard origins.count <= 1 else { return .refused(originRefused) }
        return .valid(UpgradeRequest(request: request, key: key, origin: origins.first))
    }

    static func accept(for key: String) -> String {
        Data(Insecure.SHA1.hash(data: Data((key + acceptSuffix).utf8))).base64EncodedString()
    }

    static var originRefused: WebSocketAdmission {
        .refuse(Problem(status: 403, code: .originRefused, title: "Pages of this origin may not open a socket."))
    }

    private static var wrongVersion: WebSocketAdmission {
        var headers = HTTPFields()
        headers[.secWebSocketVersion] = supportedVersion
        headers[.upgrade] = "websocket"
        let title = "Only version \(supportedVersion) of the WebSocket protocol is spoken here."
        return .refuse(Problem(status: 426, code: .badRequest, title: title), headers: headers)
    }

    private static func problem(_ status: Int, _ title: String) -> WebSocketAdmission {
        .refuse(Problem(status: status, code: .badRequest, title: title))
    }
}

extension HTTPField.Name {
    static var secWebSocketVersion: HTTPField.Name { .init("Sec-WebSocket-Version") ?? .upgrade }
}
