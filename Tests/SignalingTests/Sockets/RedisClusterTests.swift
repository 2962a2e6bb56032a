import Foundation
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing

@testable import SignalingService

@Suite("Signaling on a Redis Cluster", .timeLimit(.minutes(2)))
struct RedisClusterTests {
    @Test("on three primaries rooms are served as on one Redis, each at the primary that owns it")
    func threePrimaries() async throws {
        try await RedisClusterProcess.withCluster { redis in
            try await TestCluster.run(redisURL: redis.url) { cluster in
                let rooms = (0..<12).map { _ in newRoom() }
                for room in rooms { try await Self.meet(cluster, room) }
                let query = OccupancyQuery(rooms: rooms)
                let view = try await cluster.inner.post("/internal/occupancy", query, as: OccupancyView.self)
                #expect(view.occupancy.values.allSatisfy { $0 == 1 } && view.occupancy.count == rooms.count)
            }
        }
    }

    @Test("while one primary is away the marks of the others are kept and read")
    func beatWithoutOne() async throws {
        try await RedisClusterProcess.withCluster { redis in
            try await withRedisClient(url: redis.url) { client in
                let store = SeatStore(redis: client, rules: .forTests())
                #expect(await store.beat(Partition.all).count == Partition.all.count)
                await redis.primaries[1].kill()
                try await eventually(timeout: .seconds(10), "the others are read") {
                    let count = await store.beat(Partition.all).count
                    return (1..<Partition.all.count).contains(count) ? nil : "\(count) are"
                }
            }
        }
    }

    /// Two people at two nodes: each hears the other, and one comes back at the other's node.
    private static func meet(_ cluster: TestCluster, _ room: RoomID) async throws {
        let ada = try await enter(cluster, room, "Ada", node: 0)
        let bob = try await enter(cluster, room, "Bob", node: 1)
        _ = try await ada.event("joined") { $0.participant?.name == "Bob" }
        _ = try await bob.ask(.sendChat(.init(text: "hello")))
        _ = try await ada.event("chat") { $0.chat?.text == "hello" }
        let welcome = try await ada.welcome()
        await ada.vanish()
        let back = try await cluster.connect(node: 1, room: room)
        try await back.say(.resume(.init(token: welcome.resumeToken, epoch: welcome.epoch, seq: welcome.seq)))
        _ = try await back.event("resumed")
        _ = try await back.event("chat") { $0.chat?.text == "hello" }
        _ = try await bob.ask(.leave)
        _ = try await back.event("left")
    }

    private static func enter(
        _ cluster: TestCluster, _ room: RoomID, _ name: String, node: Int
    ) async throws -> TestPerson {
        let person = try await cluster.connect(node: node, room: room)
        let ticket = try await cluster.ticket(cluster.claims(name: name, room: room))
        try await person.say(.hello(.init(ticket: ticket)))
        try await person.welcome()
        return person
    }
}
