import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import ServiceLifecycle
import TestSupport

@testable import PresenceService

/// Presence as in production, on free ports, with keys of its own for access tokens.
struct PresenceTestService: Sendable {
    /// Of the first process.
    var ports: ListeningPorts { processes[0] }
    let processes: [ListeningPorts]
    let settings: PresenceSettings
    private let signer: AccessTokenSigner
    private let tokens: ServiceTokens

    /// - Parameters:
    ///   - processes: how many there are side by side.
    ///   - redisURL: of a Redis of the test's own.
    ///   - commandTimeout: of Redis; short only where it goes away, because a busy machine is not one without.
    static func withService(
        processes: Int = 1, redisURL: String? = nil, commandTimeout: Duration = .seconds(5),
        lease: Duration = .seconds(Limits.presenceLease),
        _ body: @escaping @Sendable (PresenceTestService) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration(schema: presenceMigrator.schema)
            try await presenceMigrator.migrate(configuration)
            let redis = try TestRedis()
            let secret = Array(UUID().uuidString.utf8)
            let settings = PresenceSettings(
                service: ServiceSettings(name: .presence, clusterSecret: secret), database: configuration,
                redis: try RedisConfiguration(url: redisURL ?? redis.url, commandTimeout: commandTimeout),
                identityURL: "http://127.0.0.1:1", lease: lease, keyPrefix: redis.prefix)
            try await run(settings, processes: processes, body)
            if redisURL == nil {
                try await withRedisClient(url: redis.url) { try await redis.removeKeys($0) }
            }
        }
    }

    private static func run(
        _ settings: PresenceSettings, processes: Int,
        _ body: @escaping @Sendable (PresenceTestService) async throws -> Void
    ) async throws {
        let signer = try AccessTokenSigner(privateKeyPEM: AccessTokenSigner.generatePrivateKey())
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        var logger = Logger(label: "test.presence")
        logger.logLevel = .critical
        let (listening, continuation) = AsyncStream.makeStream(of: ListeningPorts.self)
        let groups = (1...processes).map { _ in
            buildPresence(settings, accessTokens: verifier, handlesSignals: false, logger: logger) {
                continuation.yield($0)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in groups {
                tasks.addTask {
                    defer { continuation.finish() }
                    try await group.run()
                }
            }
            tasks.addTask {
                var ports: [ListeningPorts] = []
                for await one in listening {
                    ports.append(one)
                    if ports.count == processes { break }
                }
                guard ports.count == processes else { throw TestServerError("presence does not listen") }
                let service = PresenceTestService(
                    processes: ports, settings: settings, signer: signer,
                    tokens: ServiceTokens(clusterSecret: settings.service.clusterSecret))
                try await body(service)
                for group in groups { await group.triggerGracefulShutdown() }
            }
            do {
                while try await tasks.next() != nil {}
            } catch {
                tasks.cancelAll()
                throw error
            }
        }
    }

    func accessToken(
        organization: OrganizationID, account: AccountID = Sample.account(), permissions: [Permission] = [],
        sessionEndsAt: Date? = nil
    ) async throws -> String {
        try await signer.sign(
            AccessClaims(
                account: account, organization: organization,
                session: SessionID(UUID().uuidString.lowercased()),
                displayName: "Ada", permissions: permissions, sessionEndsAt: sessionEndsAt))
    }

    /// What a colleague of this organization sees.
    func snapshot(organization: OrganizationID) async throws -> PresenceSnapshot {
        let response = try await get(
            "/api/presence/colleagues", token: try await accessToken(organization: organization))
        guard response.status == .ok else { throw TestServerError("status \(response.status)") }
        return try WireJSON.decoder.decode(
            PresenceSnapshot.self, from: Data((response.body ?? ByteBuffer()).readableBytesView))
    }

    /// Somebody who listens, at one of the processes, with a device.
    func watch(
        _ person: PersonKey, process: Int = 0, active: Bool = true, epoch: String? = nil, seq: Int? = nil
    ) async throws -> Watcher {
        let token = try await accessToken(organization: person.organization, account: person.account)
        let watcher = try await Watcher.connect(
            port: processes[process].outer,
            PresenceClientMessage.Hello(token: token, active: active, epoch: epoch, seq: seq))
        try await watcher.wait(forMessage: "the welcome") { if case .welcome = $0 { true } else { false } }
        return watcher
    }

    /// Sets what the person sets by hand.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws -> Answer {
        let token = try await accessToken(organization: person.organization, account: person.account)
        return try await execute(
            .put, "/api/presence/own", token: token, port: ports.outer,
            body: ByteBuffer(bytes: try WireJSON.encode(manual)))
    }

    func put(raw body: String, of person: PersonKey) async throws -> Answer {
        let token = try await accessToken(organization: person.organization, account: person.account)
        return try await execute(
            .put, "/api/presence/own", token: token, port: ports.outer, body: ByteBuffer(string: body))
    }

    func get(_ path: String, token: String?) async throws -> Answer {
        try await execute(.get, path, token: token, port: ports.outer, body: nil)
    }

    func post(outer path: String, _ body: some Encodable, token: String?) async throws -> Answer {
        try await execute(
            .post, path, token: token, port: ports.outer, body: ByteBuffer(bytes: try WireJSON.encode(body)))
    }

    func inner(_ path: String) async throws -> Answer {
        try await execute(.get, path, token: nil, port: ports.inner, body: nil)
    }

    /// Posts leases as this service would.
    func post(_ path: String, _ leases: [MeetingLease], from: ServiceName = .signaling) async throws
        -> Answer
    {
        let token = try await tokens.issue(from: from, to: .presence)
        return try await post(path, body: WireJSON.encode(MeetingLeases(leases: leases)), token: token)
    }

    func post(_ path: String, body: [UInt8], token: String?) async throws -> Answer {
        try await execute(.post, path, token: token, port: ports.inner, body: ByteBuffer(bytes: body))
    }

    func serviceToken(from: ServiceName, to: ServiceName) async throws -> String {
        try await tokens.issue(from: from, to: to)
    }

    /// Each over whatever connection there is: the server closes them after an answer.
    private func execute(
        _ method: HTTPRequest.Method, _ path: String, token: String?, port: Int, body: ByteBuffer?
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method.rawValue)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        var headers = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return Answer(
            status: HTTPResponse.Status(code: Int(response.status.code)), headers: headers,
            body: try await response.body.collect(upTo: 4 * 1_024 * 1_024))
    }
}

/// What a service has answered.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ByteBuffer?
}
