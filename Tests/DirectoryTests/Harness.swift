import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import Synchronization
import TestSupport

@testable import DirectoryService

/// Directory with its own database, as production builds it, behind a real socket.
struct Harness: Sendable {
    static let secret = [UInt8]("the secret that all services share, in tests".utf8)
    static let pinKey = [UInt8]("the key under which PINs are kept, in tests".utf8)

    let client: any TestClientProtocol
    /// Towards the inner listener's routes.
    let inner: any TestClientProtocol
    let settings: DirectorySettings
    let pool: PostgresPool
    let signer: AccessTokenSigner
    let signaling: SignalingStandIn
    /// The test's own, to the Redis that has the counters.
    let redis: RedisClient
    let readiness: [ReadinessCheck]

    static func run(
        isSignalingThere: Bool = true, redisURL: String? = nil, historyDays: Int = 90,
        adjust: @escaping @Sendable (inout DirectorySettings) -> Void = { _ in },
        _ body: @escaping @Sendable (Harness) async throws -> Void
    ) async throws {
        let signer = try AccessTokenSigner(privateKeyPEM: AccessTokenSigner.generatePrivateKey())
        let keys = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let signaling = SignalingStandIn()
        try await TestDatabase.withDatabase { database in
            try await directoryMigrator.migrate(database.configuration())
            try await TestRedis.withClient { redis, redisClient in
                var patient = database.configuration()
                // On a busy machine somebody may wait for long.
                (patient.lockTimeout, patient.statementTimeout) = (.seconds(20), .seconds(30))
                try await signaling.run { [patient] port in
                    var wanted = DirectorySettings(
                        service: ServiceSettings(name: .directory, clusterSecret: secret),
                        database: patient,
                        // Short only where there is no Redis: a busy machine is not one without.
                        redis: try RedisConfiguration(
                            url: redisURL ?? redis.url, commandTimeout: .seconds(redisURL == nil ? 5 : 1)),
                        identityURL: "http://127.0.0.1:1",
                        signalingURL: "http://127.0.0.1:\(isSignalingThere ? port : 1)", pinKey: pinKey,
                        historyDays: historyDays, redisKeyPrefix: redis.prefix)
                    adjust(&wanted)
                    let settings = wanted
                    let directory = DirectoryApplication.build(settings, logger: quiet, accessTokens: keys)
                    try await PostgresPool.withPool(settings.database, logger: quiet) { pool in
                        // A client with many connections: what is sent at once arrives at once.
                        try await outer(directory).test(.ahc(.http)) { client in
                            try await inner(directory).test(.live) { inner in
                                try await body(
                                    Harness(
                                        client: client, inner: inner, settings: settings, pool: pool, signer: signer,
                                        signaling: signaling, redis: redisClient, readiness: directory.readiness))
                            }
                        }
                    }
                }
            }
        }
    }

    private static func outer(_ directory: DirectoryApplication) -> some ApplicationProtocol {
        Application(
            router: directory.publicRouter().refusingOtherMethods(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)), services: directory.services, logger: quiet)
    }

    private static func inner(_ directory: DirectoryApplication) -> some ApplicationProtocol {
        let router = Router(context: ServiceRequestContext.self)
        let tokens = ServiceTokens(clusterSecret: secret)
        directory.addInternalRoutes(
            to: router.group("internal").add(middleware: ServiceAuthMiddleware(audience: .directory, tokens: tokens)))
        return Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: quiet)
    }

    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    // MARK: Requests

    /// - Parameters:
    ///   - account: Whose access token comes with the request.
    ///   - source: The person's address, as the gateway tells it.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: (any Encodable)? = nil, as account: AccessClaims? = nil,
        ifMatch: String? = nil, source: String? = nil
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let account { headers[.authorization] = "Bearer \(try await signer.sign(account))" }
        headers[.ifMatch] = ifMatch
        if let source, let name = HTTPField.Name("X-Forwarded-For") { headers[name] = source }
        var buffer: ByteBuffer?
        if let body {
            headers[.contentType] = "application/json"
            buffer = ByteBuffer(bytes: try WireJSON.encode(body))
        }
        return try await client.executeRequest(uri: path, method: method, headers: headers, body: buffer)
    }

    func create(_ draft: RoomDraft, as account: AccessClaims) async throws -> RoomView {
        try await send(.post, "/api/directory/rooms", draft, as: account).decode(.created)
    }

    /// The rooms that somebody manages, without the personal one.
    func rooms(of account: AccessClaims, _ query: String = "") async throws -> [RoomView] {
        let list: RoomList = try await send(.get, "/api/directory/rooms\(query)", as: account).decode()
        return list.items.filter { !$0.personal }
    }

    func enter(
        _ alias: String, _ entry: EntryRequest = EntryRequest(displayName: "Guest"), as account: AccessClaims? = nil,
        source: String? = nil
    ) async throws -> TestResponse {
        try await send(.post, "/api/directory/rooms/\(alias)/entry", entry, as: account, source: source)
    }

    /// As if Redis had lost its memory, for this directory.
    func forgetCounters() async throws {
        let keys = try await redis.send("KEYS", RedisArgument("\(settings.redisKeyPrefix)*")).array ?? []
        guard !keys.isEmpty else { throw UnexpectedAnswer(description: "Redis has counted nothing") }
        for key in keys.compactMap(\.string) { _ = try await redis.send("DEL", RedisArgument(key)) }
    }

    func age(_ room: RoomID, days: Int) async throws {
        try await pool.execute(
            "update room set last_used_at = now() - make_interval(days => \(days)) where id = \(room)")
    }
}

/// What of signaling directory talks to.
final class SignalingStandIn: Sendable {
    private let counts = Mutex<[RoomID: Int]>([:])
    private let running = Mutex<[RoomID: RunningRoom]>([:])
    private let policies = Mutex<[RoomID: [RoomPolicy]]>([:])
    private let endings = Mutex<[String]>([])
    private let refusesOrders = Mutex(false)

    /// `room reason` of every meeting that was ended.
    var ended: [String] { endings.withLock { $0 } }

    func set(_ count: Int, in room: RoomID) {
        counts.withLock { $0[room] = count }
    }

    /// What signaling says of the room's running meeting.
    func set(_ state: RunningRoom, in room: RoomID) {
        running.withLock { $0[room] = state }
    }

    /// Takes no orders until it is told otherwise.
    func refuseOrders(_ isRefusing: Bool) {
        refusesOrders.withLock { $0 = isRefusing }
    }

    private func refuse() throws {
        if refusesOrders.withLock({ $0 }) { throw ProblemError.validation([FieldProblem("room", .badFormat)]) }
    }

    /// All that it was told of a room, in order.
    func policies(of room: RoomID) -> [RoomPolicy] {
        policies.withLock { $0[room] ?? [] }
    }

    func run(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let router = Router(context: ServiceRequestContext.self)
        let tokens = ServiceTokens(clusterSecret: Harness.secret)
        let group = router.group("internal").add(
            middleware: ServiceAuthMiddleware(audience: .signaling, tokens: tokens))
        group.post("occupancy") { request, context in
            try context.requireCaller(.directory)
            let query = try await decodeBody(OccupancyQuery.self, from: request, context: context)
            let counts = self.counts.withLock { $0 }
            return try jsonResponse(
                OccupancyView(
                    occupancy: query.rooms.reduce(into: [:]) { $0[$1.rawValue] = counts[$1, default: 0] },
                    rooms: self.running.withLock { running in
                        running.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
                    }))
        }
        group.put("rooms/{room}/policy") { request, context in
            try context.requireCaller(.directory)
            try self.refuse()
            let policy = try await decodeBody(RoomPolicy.self, from: request, context: context)
            let room = RoomID(try context.parameter("room"))
            self.policies.withLock { $0[room, default: []].append(policy) }
            return emptyResponse()
        }
        group.post("rooms/{room}/end") { request, context in
            try context.requireCaller(.directory)
            try self.refuse()
            let end = try await decodeBody(EndMeetingRequest.self, from: request, context: context)
            let room = try context.parameter("room")
            self.endings.withLock { $0.append("\(room) \(end.reason.rawValue)") }
            return emptyResponse()
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: Harness.quiet)
        try await application.test(.live) { client in try await body(client.port ?? 1) }
    }
}

struct UnexpectedAnswer: Error, CustomStringConvertible {
    let description: String
}

extension TestResponse {
    /// The body, if the status is the wanted one.
    func decode<T: Decodable>(_ wanted: HTTPResponse.Status = .ok, as type: T.Type = T.self) throws -> T {
        guard status == wanted else { throw UnexpectedAnswer(description: "\(status): \(String(buffer: body))") }
        return try WireJSON.decoder.decode(T.self, from: Data(body.readableBytesView))
    }

    /// Status and code of a problem, such as `404 room_not_found`.
    var problem: String {
        guard headers[.contentType] == Problem.contentType,
            let problem = try? WireJSON.decoder.decode(Problem.self, from: Data(body.readableBytesView))
        else { return "\(status.code)" }
        return "\(status.code) \(problem.code.rawValue)"
    }

    var fields: [FieldProblem] {
        (try? WireJSON.decoder.decode(Problem.self, from: Data(body.readableBytesView)))?.fields ?? []
    }
}

/// Somebody of a new organization.
func someone(
    account: String = newID(), organization: String = newID(), permissions: [Permission] = [.createRooms]
) -> AccessClaims {
    AccessClaims(
        account: AccountID(account), organization: OrganizationID(organization), session: SessionID(newID()),
        displayName: "Ada Lovelace", permissions: permissions)
}

func newID() -> String { UUID().uuidString.lowercased() }
