import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ParleyProtocol
import ServiceKit

/// Sends messages to receivers outside, signed as Standard Webhooks says. Redirects are not followed: the operator has said who is called.
struct WebhookSender: Sendable {
    enum Outcome: Hashable, Sendable {
        case delivered
        case failed(WebhookFailure)
        /// The receiver wants nothing any more (410).
        case gone(WebhookFailure)
    }

    /// Of an answer, in bytes: enough to use the connection again.
    private static let maximumAnswer = 1_024

    let client: HTTPClient
    let vault: WebhookSecretVault
    /// For one attempt, from the connection to the head of the answer.
    let timeout: Duration

    /// A client for calls outside, to be shut down by who asked for it.
    static func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func send(_ letter: WebhookQueue.Letter, to webhook: HeldWebhook) async -> Outcome {
        guard let secret = vault.open(letter.sealedSecret, of: webhook.id) else { return failed(.secretUnreadable) }
        let timestamp = Int(Date.now.timeIntervalSince1970)
        var request = HTTPClientRequest(url: webhook.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Parley")
        request.headers.add(name: "webhook-id", value: letter.message.rawValue)
        request.headers.add(name: "webhook-timestamp", value: String(timestamp))
        request.headers.add(
            name: "webhook-signature",
            value: secret.signature(of: letter.body, id: letter.message, timestamp: timestamp))
        request.body = .bytes(ByteBuffer(bytes: letter.body))
        let prepared = request
        return await bounded(timeout) { await answer(prepared) } ?? failed(.timedOut)
    }

    private func answer(_ request: HTTPClientRequest) async -> Outcome {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(30))
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return failed(.timedOut)
        } catch {
            return failed(.unreachable)
        }
        // The status says it all; a body that does not come to its end soon costs the connection.
        Task { await bounded(.seconds(1)) { await Self.skip(response.body) } }
        let status = Int(response.status.code)
        switch status {
        case 200..<300: return .delivered
        case 410: return .gone(WebhookFailure(at: .now, reason: .refused, status: status))
        default: return failed(.refused, status: status)
        }
    }

    private static func skip(_ body: HTTPClientResponse.Body) async {
        var length = 0
        do {
            for try await part in body {
                length += part.readableBytes
                guard length <= maximumAnswer else { return }
            }
        } catch {
            // The connection is closed then.
        }
    }

    private func failed(_ reason: WebhookFailure.Reason, status: Int? = nil) -> Outcome {
        .failed(WebhookFailure(at: .now, reason: reason, status: status))
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .tlsHandshakeTimeout,
        .getConnectionFromPoolTimeout,
    ]
}
