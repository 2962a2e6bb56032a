import HTTPTypes
import ParleyProtocol

/// What to do with a request to open a socket.
public enum WebSocketAdmission: Sendable {
    /// Open it and serve it. The socket is closed when the handler returns.
    case accept(handler: @Sendable (WebSocketConnection) async -> Void)
    /// Answer with an error instead; `Connection: close` and the length are added.
    case refuse(status: HTTPResponse.Status, body: [UInt8], headers: HTTPFields)

    /// A refusal with a problem document.
    public static func refuse(_ problem: Problem, headers: HTTPFields = [:]) -> WebSocketAdmission {
        var headers = headers
        headers[.contentType] = Problem.contentType
        headers[.cacheControl] = "no-store"
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        let body = (try? WireJSON.encode(problem)) ?? []
        return .refuse(status: HTTPResponse.Status(code: problem.status), body: Array(body), headers: headers)
    }
}
