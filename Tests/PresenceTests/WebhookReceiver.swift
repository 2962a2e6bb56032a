import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import ServiceKit
import Synchronization
import TestSupport

/// The outside: a receiver of messages, which checks signatures by its own means.
final class WebhookReceiver: Sendable {
    struct Call: Hashable, Sendable {
        var id: String
        var timestamp: String
        var signature: String
        var body: String
        /// What it was answered with.
        var status: Int

        /// By the letter of the specification: HMAC-SHA256 under the decoded secret, over id, timestamp and body between dots.
        func isSigned(with secret: String) -> Bool {
            guard secret.hasPrefix("whsec_"), let key = Data(base64Encoded: String(secret.dropFirst(6))) else {
                return false
            }
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(id).\(timestamp).\(body)".utf8), using: SymmetricKey(data: key))
            return signature == "v1,\(Data(code).base64EncodedString())"
        }

        var changed: WebhookMessage.Changed? {
            decoded(WebhookMessage.Changed.self).flatMap { $0.type == "presence.changed" ? $0 : nil }
        }
        var snapshot: WebhookMessage.Snapshot? {
            decoded(WebhookMessage.Snapshot.self).flatMap { $0.type == "presence.snapshot" ? $0 : nil }
        }

        /// By which a receiver knows what is newer.
        var messageTime: Date? { changed?.timestamp ?? snapshot?.timestamp }

        private func decoded<Message: Decodable>(_ type: Message.Type) -> Message? {
            try? WireJSON.decoder.decode(type, from: Data(body.utf8))
        }
    }

    private struct State {
        var calls: [Call] = []
        /// Statuses of the next answers; 200 when there is none left.
        var answers: [Int] = []
        var isDown = false
        var pause = Duration.zero
        var concurrent = 0
        var mostConcurrent = 0
        var strays = 0
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    /// What was taken, in order.
    var taken: [Call] { calls.filter { $0.status == 200 } }
    /// At most so many messages were being received at a time.
    var mostConcurrent: Int { state.withLock { $0.mostConcurrent } }
    /// Whether a message is being received.
    var isBusy: Bool { state.withLock { $0.concurrent > 0 } }
    /// How often an address was called to which nobody should go.
    var strays: Int { state.withLock { $0.strays } }

    func answer(_ statuses: [Int]) { state.withLock { $0.answers = statuses } }

    /// Answers 503 to everything until it is told otherwise.
    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// Takes so long for each answer.
    func setPause(_ pause: Duration) { state.withLock { $0.pause = pause } }

    /// - Parameter body: gets the address to which messages go.
    func run(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let router = Router()
        router.post("hook") { request, _ in try await self.receive(request) }
        for method in [HTTPRequest.Method.get, .post] {
            router.on("elsewhere", method: method) { _, _ in
                self.state.withLock { $0.strays += 1 }
                return Response(status: .ok)
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: silentLogger())
        try await application.test(.live) { client in
            guard let port = client.port else { throw TestServerError("no port") }
            try await body("http://127.0.0.1:\(port)/hook")
        }
    }

    private func receive(_ request: Request) async throws -> Response {
        state.withLock { state in
            state.concurrent += 1
            state.mostConcurrent = max(state.mostConcurrent, state.concurrent)
        }
        // Also when the sender breaks off.
        defer { state.withLock { $0.concurrent -= 1 } }
        let body = try await request.body.collect(upTo: 4 * 1_024 * 1_024)
        let pause = state.withLock { $0.pause }
        if pause > .zero { try await Task.sleep(for: pause) }
        func header(_ name: String) -> String {
            HTTPField.Name(name).flatMap { request.headers[$0] } ?? ""
        }
        let status = state.withLock { state in
            let status = state.isDown ? 503 : state.answers.isEmpty ? 200 : state.answers.removeFirst()
            state.calls.append(
                Call(
                    id: header("webhook-id"), timestamp: header("webhook-timestamp"),
                    signature: header("webhook-signature"), body: String(buffer: body), status: status))
            return status
        }
        var headers: HTTPFields = [:]
        if (300..<400).contains(status) { headers[.location] = "/elsewhere" }
        // Longer than anybody reads.
        let text = String(repeating: "thank you ", count: 1_000)
        return Response(
            status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

extension WebhookReceiver {
    /// Of all changes that were taken, in the order of their coming.
    var seqs: [Int] { taken.compactMap(\.changed).flatMap(\.events).map(\.seq) }

    /// What a receiver knows that does as the documentation says.
    var picture: (epoch: String, states: [AccountID: String]) {
        var (epoch, states): (String, [AccountID: String]) = ("", [:])
        var next: (part: Int, states: [AccountID: String]) = (1, [:])
        var last = Date.distantPast
        for message in taken {
            guard let time = message.messageTime, time > last else { continue }
            last = time
            if let snapshot = message.snapshot {
                let part = snapshot.part ?? 1
                if part == 1 { next = (1, [:]) }
                guard part == next.part else { continue }
                for item in snapshot.items where item.state != .offline {
                    next.states[item.account] = item.state.rawValue
                }
                next.part += 1
                if part == snapshot.parts ?? 1 { (epoch, states) = (snapshot.epoch, next.states) }
            } else if let changed = message.changed {
                for event in changed.events {
                    states[event.account] = event.state == .offline ? nil : event.state.rawValue
                }
            }
        }
        return (epoch, states)
    }
}
