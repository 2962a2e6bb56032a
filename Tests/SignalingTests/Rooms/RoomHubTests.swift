import Logging
import NIOCore
import NIOPosix
import ParleyProtocol
import ServiceKit
import Testing
import WebSockets

@testable import SignalingService

@Suite("One room at a node", .timeLimit(.minutes(1)))
struct RoomHubTests {
    /// The room's hub by itself: it hears what the test tells its fan-out.
    private static func makeHub(_ room: RoomID, _ store: SeatStore) -> RoomHub {
        let logger = Logger(label: "hub") { _ in SwiftLogNoOpLogHandler() }
        func client(_ service: ServiceName) -> ServiceClient {
            ServiceClient(
                from: .signaling, to: service, baseURL: "http://127.0.0.1:9",
                tokens: ServiceTokens(clusterSecret: TestCluster.secret))
        }
        let services = RoomServices(
            node: "mine", store: store,
            media: MediaPlane(
                MediaConfiguration(nodes: [], apiSecret: "", adminKey: "", roomSecretKey: TestCluster.secret),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger),
            presence: PresenceLeases(clients: [client(.presence)], logger: logger),
            directory: AttendanceReports(client: client(.directory), logger: logger),
            locks: RoomLocks(client: client(.directory), logger: logger), bans: BanCalls(client: client(.directory)),
            turn: TurnCredentials(urls: [], secret: []),
            resumeTokens: ResumeTokens(clusterSecret: TestCluster.secret),
            tickets: TicketTokens(clusterSecret: TestCluster.secret), times: SignalingTimes.forTests(),
            drain: SocketDrain(), hasEnded: { _ in false }, logger: logger,
            subscribe: { _, _ in { () async -> Void in } })
        return RoomHub(room: room, services: services, registry: RoomRegistry(services: services))
    }

    @Test("who comes in while the policy changes has the role that the new one says, though Redis' answer is older")
    func roleOfNewcomer() async throws {
        let old = SeatLobbyTests.policy(1)
        let new = SeatLobbyTests.policy(2) { $0.everyoneModerates = true }
        let event = String(decoding: try WireJSON.encode(RoomEvent.Room(policy: new)), as: UTF8.self)
        try await TestCluster.run(nodes: 1) { cluster in
            let connection = try await cluster.connect().connection
            try await cluster.withStore { store, _ in
                let hub = Self.makeHub(cluster.room, store)
                let answer = RoomSnapshot(
                    epoch: "e", seq: 1, meeting: MeetingID("m"), mediaNode: "", startedAt: 0, people: [], chat: [],
                    rules: RoomEvent.Room(policy: old))
                hub.fanOut.begin(at: answer)
                let member = hub.fanOut.open(connection)
                hub.fanOut.receive(ByteBuffer(string: "e 2 room - 0 -\n" + event))
                await hub.takeRoles()
                var entry = SeatFixture.entry("ada", node: "mine")
                entry.granted = .participant
                let role = await hub.role(of: entry, connection, member, answer)
                #expect(role == .moderator)
            }
        }
    }
}

extension RoomHub {
    /// Gives the seat that Redis' answer grants, and says what the person is here from then on.
    fileprivate func role(
        of entry: SeatEntry, _ connection: WebSocketConnection, _ member: FanOut.MemberID, _ answer: RoomSnapshot
    ) -> Role {
        let token = services.resumeTokens.make(room, entry.participant.id)
        let seat = add(entry, 1, answer, token, sentAt: .now)
        admit(seat, connection, member, answer, [])
        return seat.entry.participant.role
    }
}
