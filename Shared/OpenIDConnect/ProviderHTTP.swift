import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceKit

/// Requests to a provider: each ends within a time, follows no redirect, and reads no more than it must.
struct ProviderHTTP: Sendable {
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// A larger answer is not read, in bytes. A token with hundreds of groups has some 30 KiB.
    static let maximumAnswer = 256 * 1_024

    /// Lives as long as the process.
    private static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    /// For one request, from the connection to the last byte of the answer.
    let timeout: Duration
    let logger: Logger

    func get(_ url: WebAddress, bearer: String? = nil) async throws(OIDCError) -> Answer {
        var request = HTTPClientRequest(url: url.text)
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        return try await send(request)
    }

    /// - Parameter basic: User and password (RFC 7617), as they stand between the colon.
    func post(
        _ url: WebAddress, form: String, basic: (user: String, password: String)?
    ) async throws(OIDCError) -> Answer {
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let basic {
            let credentials = Data("\(basic.user):\(basic.password)".utf8).base64EncodedString()
            request.headers.add(name: "Authorization", value: "Basic \(credentials)")
        }
        request.body = .bytes(ByteBuffer(string: form))
        return try await send(request)
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(5))
        // A sign-in makes its requests at once and then none for long. A code can't be sent twice, so that no
        // connection is used which the other side may be closing.
        configuration.connectionPool.idleTimeout = .seconds(1)
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// The client's own deadline ends with the head of the answer; `bounded` holds for the body too.
    private func send(_ request: HTTPClientRequest) async throws(OIDCError) -> Answer {
        var request = request
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Parley")
        let prepared = request
        let result = await bounded(timeout) { await answer(prepared) }
        guard let result else { throw .timedOut }
        return try result.get()
    }

    private func answer(_ request: HTTPClientRequest) async -> Result<Answer, OIDCError> {
        do {
            let response = try await Self.client.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: Self.maximumAnswer)
            let status = Int(response.status.code)
            guard status < 500 else {
                logger.warning("An OpenID provider failed", metadata: ["url": "\(request.url)", "status": "\(status)"])
                return .failure(.unreachable)
            }
            return .success(Answer(status: status, body: Array(body.readableBytesView)))
        } catch is NIOTooManyBytesError {
            return .failure(.discovery(reason: "an answer is too large"))
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .failure(.timedOut)
        } catch {
            logger.warning(
                "An OpenID provider can't be reached", metadata: ["url": "\(request.url)", "error": "\(error)"])
            return .failure(.unreachable)
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .tlsHandshakeTimeout,
        .getConnectionFromPoolTimeout,
    ]
}
