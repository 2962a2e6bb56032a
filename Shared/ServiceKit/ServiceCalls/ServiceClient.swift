import AsyncHTTPClient
import Foundation
import Metrics
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyProtocol

/// Calls `/internal` routes of another service.
///
/// Each call carries a service token and the request's id, ends within `timeout`, and is repeated once when its connection
/// failed. So a call may arrive twice: internal routes must do the same then as for one.
public struct ServiceClient: Sendable {
    /// A larger answer is not read, in bytes.
    public static let maximumAnswer = 1_024 * 1_024

    private let from: ServiceName
    private let to: ServiceName
    private let baseURL: String
    private let tokens: ServiceTokens
    private let timeout: Duration
    private let answered: Metrics.Timer
    private let failed: Metrics.Timer

    /// - Parameter baseURL: The other's inner listener, such as `http://127.0.0.1:9102`.
    public init(
        from: ServiceName, to: ServiceName, baseURL: String, tokens: ServiceTokens, timeout: Duration = .seconds(2)
    ) {
        self.from = from
        self.to = to
        self.baseURL = baseURL.withoutTrailingSlash
        self.tokens = tokens
        self.timeout = timeout
        answered = Self.timer(to, "answered")
        failed = Self.timer(to, "failed")
    }

    /// - Parameter path: Begins with `/internal/`.
    public func get<Answer: Decodable>(_ path: String, as type: Answer.Type) async throws(ServiceCallError) -> Answer {
        try decode(type, try await call(.GET, path, body: nil))
    }

    public func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, as type: Answer.Type
    ) async throws(ServiceCallError) -> Answer {
        try decode(type, try await call(.POST, path, body: try encode(body)))
    }

    /// For routes that answer nothing.
    public func post(_ path: String, _ body: some Encodable) async throws(ServiceCallError) {
        _ = try await call(.POST, path, body: try encode(body))
    }

    /// For routes that answer nothing.
    public func put(_ path: String, _ body: some Encodable) async throws(ServiceCallError) {
        _ = try await call(.PUT, path, body: try encode(body))
    }

    private static func timer(_ service: ServiceName, _ result: String) -> Metrics.Timer {
        Metrics.Timer(
            label: "parley.service.call.duration", dimensions: [("to", service.rawValue), ("result", result)])
    }

    private func call(_ method: HTTPMethod, _ path: String, body: [UInt8]?) async throws(ServiceCallError) -> ByteBuffer
    {
        let start = ContinuousClock.now
        do {
            let answer = try await repeated(try await request(method, path, body: body))
            answered.recordNanoseconds((ContinuousClock.now - start).nanoseconds)
            return answer
        } catch {
            failed.recordNanoseconds((ContinuousClock.now - start).nanoseconds)
            throw error as? ServiceCallError ?? failure(.unreachable, "\(method) \(path) was not answered: \(error)")
        }
    }

    /// Once more after a failure of the connection, within the same time limit.
    private func repeated(_ request: HTTPClientRequest) async throws -> ByteBuffer {
        let deadline = NIODeadline.now() + .nanoseconds(timeout.nanoseconds)
        do {
            return try await attempt(request, deadline)
        } catch  where Self.isConnectionFailure(error) {
            return try await attempt(request, deadline)
        }
    }

    private func request(_ method: HTTPMethod, _ path: String, body: [UInt8]?) async throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(try await tokens.issue(from: from, to: to))")
        request.headers.add(name: "Accept", value: "application/json")
        if let id = RequestID.current { request.headers.add(name: "X-Request-ID", value: id) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private func attempt(_ request: HTTPClientRequest, _ deadline: NIODeadline) async throws -> ByteBuffer {
        let response = try await InnerHTTP.client.execute(request, deadline: deadline)
        let body: ByteBuffer
        do {
            body = try await response.body.collect(upTo: Self.maximumAnswer)
        } catch is NIOTooManyBytesError {
            throw failure(.unreadable, "the answer is larger than \(Self.maximumAnswer) bytes")
        }
        let status = Int(response.status.code)
        guard (200..<300).contains(status) else {
            let problem = try? WireJSON.decoder.decode(Problem.self, from: Data(body.readableBytesView))
            throw failure(
                .refused(status: status, code: problem?.code), "answered \(status) \(problem?.code.rawValue ?? "")")
        }
        return body
    }

    /// Failures before the other can have answered anything.
    private static func isConnectionFailure(_ error: any Error) -> Bool {
        if error is NIOConnectionError || error is IOError { return true }
        guard let error = error as? HTTPClientError else { return false }
        return error == .connectTimeout || error == .remoteConnectionClosed
    }

    private func encode(_ body: some Encodable) throws(ServiceCallError) -> [UInt8] {
        do {
            return try WireJSON.encode(body)
        } catch {
            throw failure(.unreadable, "the request can't be written as JSON: \(error)")
        }
    }

    private func decode<Answer: Decodable>(_ type: Answer.Type, _ body: ByteBuffer) throws(ServiceCallError) -> Answer {
        do {
            return try WireJSON.decoder.decode(type, from: Data(body.readableBytesView))
        } catch {
            throw failure(.unreadable, "the answer is no \(type): \(error)")
        }
    }

    private func failure(_ kind: ServiceCallError.Kind, _ message: String) -> ServiceCallError {
        ServiceCallError(service: to, kind: kind, message: message)
    }
}
