import Foundation
import Logging
import NIOCore
import NIOPosix
import ParleyProtocol
import Redis
import ServiceKit
import ServiceLifecycle
import TestSupport
import WebSockets

@testable import SignalingService

/// Signaling processes of one test, in this process, over one Redis, without a media node.
struct TestCluster: Sendable {
    static let secret = Array("a cluster secret for tests, with 32 bytes and more".utf8)
    static let origin = "http://localhost:8080"

    let room = newRoom()
    let redisURL: String
    let ports: [ListeningPorts]
    private let groups: [ServiceGroup]

    /// Tells a node to stop, as SIGTERM does. It may take its time.
    func stop(_ node: Int) async { await groups[node].triggerGracefulShutdown() }

    /// Runs `count` nodes for the duration of `body`, then stops them in order and removes what they left in Redis.
    static func run(
        nodes count: Int = 2, redisURL: String? = nil, times: SignalingTimes = SignalingTimes.forTests(),
        identity: String = "http://127.0.0.1:9", directory: String = "http://127.0.0.1:9",
        presence: String = "http://127.0.0.1:9", redisTimeout: Duration = .seconds(1),
        _ body: @Sendable (TestCluster) async throws -> Void
    ) async throws {
        let url = try redisURL ?? TestRedis().url
        var logger = Logger(label: "test.signaling")
        logger.logLevel = .critical
        let (listening, opened) = AsyncStream.makeStream(of: (node: Int, ports: ListeningPorts).self)
        let groups = try (0..<count).map { index in
            var settings = SignalingSettings(
                service: ServiceSettings(name: .signaling, clusterSecret: secret, publicURL: origin),
                redis: try RedisConfiguration(url: url, commandTimeout: redisTimeout), identityURL: identity,
                directoryURL: directory, presenceURLs: presence.split(separator: ",").map(String.init),
                janusURLs: ["ws://127.0.0.1:9"], turnURLs: ["stun:localhost:3478", "turn:localhost:3478"],
                turnSecret: secret, node: "node\(index + 1)")
            settings.times = times
            return buildSignaling(settings, handlesSignals: false, logger: logger) { opened.yield((index, $0)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for group in groups { tasks.addTask { try await group.run() } }
            // They come up in any order.
            var ports: [Int: ListeningPorts] = [:]
            for await opened in listening {
                ports[opened.node] = opened.ports
                if ports.count == count { break }
            }
            let cluster = TestCluster(
                redisURL: url, ports: ports.sorted { $0.key < $1.key }.map(\.value), groups: groups)
            do {
                try await body(cluster)
            } catch {
                for group in groups { await group.triggerGracefulShutdown() }
                try? await tasks.waitForAll()
                try? await cluster.removeRoom()
                throw error
            }
            for group in groups { await group.triggerGracefulShutdown() }
            try await tasks.waitForAll()
            try? await cluster.removeRoom()
        }
    }

    private func removeRoom() async throws {
        try await withRedisClient(url: redisURL, commandTimeout: .seconds(1)) { client in
            try await SignalingTests.removeRoom(room, client)
        }
    }

    // MARK: Tickets

    func claims(
        name: String = "Ada", room: RoomID? = nil, role: Role = .participant, account: String? = nil,
        session: SessionID? = nil
    ) -> TicketClaims {
        TicketClaims(
            id: UUID().uuidString, room: room ?? self.room, organization: OrganizationID("organization"),
            roomName: "Weekly", roomAlias: "weekly", role: role, displayName: name,
            account: account.map { AccountID($0) }, accountOrganization: account.map { _ in OrganizationID("home") },
            session: session)
    }

    func ticket(_ claims: TicketClaims? = nil, now: Date = .now) async throws -> String {
        try await TicketTokens(clusterSecret: Self.secret).issue(claims ?? self.claims(), now: now).token
    }

    // MARK: People

    /// A socket that has said nothing yet.
    func connect(node: Int = 0, room: RoomID? = nil, origin: String = origin) async throws -> TestPerson {
        let path = "/api/signaling/rooms/\((room ?? self.room).rawValue)/socket"
        let connection = try await WebSocketClient.connect(
            url: "ws://127.0.0.1:\(ports[node].outer)\(path)", headers: [("Origin", origin)],
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        return TestPerson(connection)
    }

    /// Somebody who has entered.
    func enter(
        _ name: String = "Ada", node: Int = 0, role: Role = .participant, account: String? = nil,
        state: ParticipantState? = nil
    ) async throws -> TestPerson {
        let person = try await connect(node: node)
        let ticket = try await ticket(claims(name: name, role: role, account: account))
        try await person.say(.hello(.init(ticket: ticket, state: state)))
        _ = try await person.welcome()
        return person
    }

    /// Somebody who has taken up the seat of another socket.
    func resume(_ token: String, node: Int = 0) async throws -> TestPerson {
        let person = try await connect(node: node)
        try await person.say(.resume(.init(token: token)))
        _ = try await person.welcome()
        return person
    }

    func withStore<Result: Sendable>(_ body: @Sendable (SeatStore, RedisClient) async throws -> Result) async throws
        -> Result
    {
        try await withRedisClient(url: redisURL) { try await body(SeatStore(redis: $0, rules: .forTests()), $0) }
    }

    /// People of whom only the store knows.
    func fill(to count: Int) async throws {
        try await withStore { store, _ in
            for number in 1...count {
                _ = try await store.join(
                    room, ticket: "t\(number)", entry: SeatFixture.entry("p\(number)"), meeting: MeetingID("x"),
                    mediaNode: "")
            }
        }
    }

    /// Waits until the token that was used for the last resume is worth nothing.
    func waitUntilHeard(_ participant: ParticipantID) async throws {
        try await withStore { store, _ in
            try await eventually("the old token is forgotten") {
                try await store.entry(room, participant)?.entry.previousResumeHash == nil ? nil : "it stands there"
            }
        }
    }

    var inner: ServiceClient {
        ServiceClient(
            from: .directory, to: .signaling, baseURL: "http://127.0.0.1:\(ports[0].inner)",
            tokens: ServiceTokens(clusterSecret: Self.secret))
    }
}
