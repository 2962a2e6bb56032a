import Foundation
import Logging
import NIOCore
import ParleyProtocol
import WebSockets

/// Why a request to Janus gave no result.
enum JanusFailure: Error, Hashable {
    /// No connection, or it broke before the answer.
    case closed
    /// No answer in time.
    case timeout
    /// Janus or VideoRoom said no.
    case refused(code: Int, reason: String)

    static let noSuchSession = 458
    private static let noSuchHandle = 459

    /// Whether the session can't be used again: no connection, or Janus knows it or one of its handles no more.
    var meansLostSession: Bool {
        switch self {
        case .closed: true
        case .timeout: false
        case .refused(let code, _): code == Self.noSuchSession || code == Self.noSuchHandle
        }
    }
}

/// One WebSocket to Janus: finds for each answer its request, and hands on events by session.
///
/// All waits end: with the answer, at the time limit, or when the connection closes.
actor JanusConnection {
    private struct Pending {
        let continuation: CheckedContinuation<Result<JanusMessage, JanusFailure>, Never>
        let expiry: Task<Void, Never>
    }

    /// Bytes; a frame is sent when it has so many.
    private static let fullFrame = 16 << 10
    /// How Janus begins to say that an answer will come, or that a session is kept: nothing that anybody waits for.
    private static let acknowledgement = Array(#"{"janus":"ack""#.utf8)

    private let socket: WebSocketConnection
    private let apiSecret: String
    private let logger: Logger
    private var lastTransaction = 0
    private var pending: [String: Pending] = [:]
    private var sessions: [UInt64: @Sendable (JanusMessage) -> Void] = [:]
    private var isClosed = false

    init(socket: WebSocketConnection, apiSecret: String, logger: Logger) {
        self.socket = socket
        self.apiSecret = apiSecret
        self.logger = logger
    }

    /// Reads until the connection closes.
    func run() async {
        for await message in socket.inbound {
            guard case .text(let bytes) = message, !bytes.starts(with: Self.acknowledgement) else { continue }
            do {
                receive(try JSONDecoder().decode(JanusMessage.self, from: Data(bytes)))
            } catch {
                logger.warning("Janus sent something that is not understood", metadata: ["error": "\(error)"])
            }
        }
        shutDown()
    }

    /// - Parameter session: is destroyed before, also if `run` has ended because its task was cancelled.
    func close(destroying session: UInt64?) {
        if let session { socket.send(text: frame(["destroy"], session: session)) }
        socket.close(code: CloseCode.normal.rawValue, reason: "")
        shutDown()
    }

    private func shutDown() {
        isClosed = true
        sessions = [:]
        for transaction in pending.keys { finish(transaction, .failure(.closed)) }
    }

    /// Events of this session go to `handler`, in order.
    func listen(to session: UInt64, _ handler: (@Sendable (JanusMessage) -> Void)?) {
        sessions[session] = handler
    }

    /// Sends a request and waits for its final answer.
    func request(
        _ kind: String, session: UInt64? = nil, handle: UInt64? = nil, plugin: String? = nil, opaqueID: String? = nil,
        body: (any Encodable & Sendable)? = nil, jsep: JanusDescription? = nil, within limit: Duration = .seconds(5)
    ) async throws(JanusFailure) -> JanusMessage {
        guard !isClosed else { throw .closed }
        let transaction = nextTransaction()
        let request = JanusRequest(
            janus: kind, transaction: transaction, apisecret: apiSecret, sessionID: session, handleID: handle,
            plugin: plugin, opaqueID: opaqueID, body: body, jsep: jsep)
        guard let bytes = try? request.encoded() else {
            throw .refused(code: 0, reason: "the request can't be written as JSON")
        }
        let result = await withCheckedContinuation { continuation in
            let expiry = Task { [weak self] in
                try? await Task.sleep(for: limit)
                guard !Task.isCancelled else { return }
                await self?.finish(transaction, .failure(.timeout))
            }
            pending[transaction] = Pending(continuation: continuation, expiry: expiry)
            socket.send(text: bytes)
        }
        let message = try result.get()
        if let error = message.error { throw .refused(code: error.code, reason: error.reason) }
        if let code = message.answer?.errorCode {
            throw .refused(code: code, reason: message.answer?.error ?? "")
        }
        return message
    }

    /// Sends requests whose answers do not matter, many in one frame: Janus reads one JSON object after the other and does
    /// them in this order.
    func post(_ kinds: [String], sessions: some Sequence<UInt64>) {
        guard !isClosed else { return }
        var frame: [UInt8] = []
        for session in sessions {
            frame += self.frame(kinds, session: session)
            if frame.count >= Self.fullFrame {
                socket.send(text: frame)
                frame = []
            }
        }
        if !frame.isEmpty { socket.send(text: frame) }
    }

    private func frame(_ kinds: [String], session: UInt64) -> [UInt8] {
        kinds.flatMap { kind -> [UInt8] in
            let request = JanusRequest(
                janus: kind, transaction: nextTransaction(), apisecret: apiSecret, sessionID: session)
            return (try? request.encoded()) ?? []
        }
    }

    private func nextTransaction() -> String {
        lastTransaction &+= 1
        return String(lastTransaction)
    }

    private func receive(_ message: JanusMessage) {
        // `ack` only says that the answer will come. `updated` carries an offer that Janus makes on the way to the answer of
        // a `switch`, with the same transaction: it is an event, not the answer.
        let isAnswer = message.janus != "ack" && message.answer?.videoroom != "updated"
        if isAnswer, let transaction = message.transaction, pending[transaction] != nil {
            return finish(transaction, .success(message))
        }
        if message.janus != "ack", let session = message.sessionID { sessions[session]?(message) }
    }

    private func finish(_ transaction: String, _ result: Result<JanusMessage, JanusFailure>) {
        guard let waiting = pending.removeValue(forKey: transaction) else { return }
        waiting.expiry.cancel()
        waiting.continuation.resume(returning: result)
    }
}
