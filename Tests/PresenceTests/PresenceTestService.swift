import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import PresenceService
import Redis
import ServiceKit
import ServiceLifecycle
import TestSupport

/// Presence as in production, on free ports, with keys of its own for access tokens.
struct PresenceTestService: Sendable {
    let ports: ListeningPorts
    private let signer: AccessTokenSigner
    private let tokens: ServiceTokens

    static func withService(
        redisURL: String? = nil, _ body: @escaping @Sendable (PresenceTestService) async throws -> Void
    ) async throws {
        let redis = try TestRedis()
        let secret = Array(UUID().uuidString.utf8)
        let signer = try AccessTokenSigner(privateKeyPEM: AccessTokenSigner.generatePrivateKey())
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let settings = PresenceSettings(
            service: ServiceSettings(name: .presence, clusterSecret: secret),
            redis: try RedisConfiguration(url: redisURL ?? redis.url, commandTimeout: .milliseconds(500)),
            identityURL: "http://127.0.0.1:1", keyPrefix: redis.prefix)
        var logger = Logger(label: "test.presence")
        logger.logLevel = .critical
        let (listening, continuation) = AsyncStream.makeStream(of: ListeningPorts.self)
        let group = buildPresence(
            settings, accessTokens: verifier, handlesSignals: false,
            logger: logger
        ) { continuation.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            tasks.addTask {
                guard let ports = await listening.first(where: { _ in true }) else {
                    throw TestServerError("presence does not listen")
                }
                let service = PresenceTestService(
                    ports: ports, signer: signer, tokens: ServiceTokens(clusterSecret: secret))
                try await body(service)
                await group.triggerGracefulShutdown()
            }
            do {
                try await tasks.waitForAll()
            } catch {
                tasks.cancelAll()
                throw error
            }
        }
        if redisURL == nil {
            try await withRedisClient(url: redis.url) { try await redis.removeKeys($0) }
        }
    }

    func accessToken(organization: OrganizationID) async throws -> String {
        try await signer.sign(
            AccessClaims(
                account: Sample.account(), organization: organization,
                session: SessionID(UUID().uuidString.lowercased()),
                displayName: "Ada", permissions: []))
    }

    /// What a colleague of this organization sees.
    func snapshot(organization: OrganizationID) async throws -> PresenceSnapshot {
        let response = try await get(
            "/api/presence/colleagues", token: try await accessToken(organization: organization))
        guard response.status == .ok else { throw TestServerError("status \(response.status)") }
        return try WireJSON.decoder.decode(
            PresenceSnapshot.self, from: Data((response.body ?? ByteBuffer()).readableBytesView))
    }

    func get(_ path: String, token: String?) async throws -> TestClient.Response {
        try await execute(.get, path, token: token, port: ports.outer, body: nil)
    }

    func inner(_ path: String) async throws -> TestClient.Response {
        try await execute(.get, path, token: nil, port: ports.inner, body: nil)
    }

    /// Posts leases as this service would.
    func post(_ path: String, _ leases: [MeetingLease], from: ServiceName = .signaling) async throws
        -> TestClient.Response
    {
        let token = try await tokens.issue(from: from, to: .presence)
        return try await post(path, body: WireJSON.encode(MeetingLeases(leases: leases)), token: token)
    }

    func post(_ path: String, body: [UInt8], token: String?) async throws -> TestClient.Response {
        try await execute(.post, path, token: token, port: ports.inner, body: ByteBuffer(bytes: body))
    }

    func serviceToken(from: ServiceName, to: ServiceName) async throws -> String {
        try await tokens.issue(from: from, to: to)
    }

    private func execute(
        _ method: HTTPRequest.Method, _ path: String, token: String?, port: Int, body: ByteBuffer?
    ) async throws -> TestClient.Response {
        var headers = HTTPFields()
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let body {
            headers[.contentType] = "application/json"
            headers[.contentLength] = String(body.readableBytes)
        }
        let request = TestClient.Request(path, method: method, authority: "127.0.0.1", headers: headers, body: body)
        return try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            try await client.execute(request)
        }
    }
}
