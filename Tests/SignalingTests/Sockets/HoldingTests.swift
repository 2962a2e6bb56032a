import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

/// What becomes of seats when their person, their node or Redis is away.
@Suite("Holding seats", .timeLimit(.minutes(1)))
struct HoldingTests {
    @Test("a node does not put back seats into a new Redis for which nobody came in time")
    func notPutBack() async throws {
        var times = SignalingTimes.forTests()
        times.grace = .milliseconds(300)
        times.tick = .seconds(10)
        times.beat = .milliseconds(50)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url, times: times) { cluster in
                let ada = try await cluster.enter("Ada")
                let bob = try await cluster.enter("Bob")
                _ = try await ada.event("joined")
                await bob.vanish()
                await server.kill()
                try await Task.sleep(for: .milliseconds(400))
                try await server.start()
                #expect(try await ada.welcome(2).participants.map(\.name) == ["Ada"])
            }
        }
    }

    @Test("a node stops serving in time, though Redis does not answer to the goodbyes of many who left")
    func selfFenceInTime() async throws {
        var times = SignalingTimes.forTests(lease: .seconds(3), renewal: .milliseconds(300))
        times.tick = .milliseconds(100)
        times.grace = .milliseconds(900)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url, times: times) { cluster in
                let ada = try await cluster.enter("Ada")
                for number in 1...8 { await (try await cluster.enter("Away \(number)")).vanish() }
                await server.kill()
                let killed = ContinuousClock.now
                #expect(try await ada.closeCode() == CloseCode.seatLost.rawValue)
                #expect(ContinuousClock.now - killed < times.lease)
            }
        }
    }

    @Test("whoever does not come back in time is gone, and the seat is free")
    func grace() async throws {
        var times = SignalingTimes.forTests()
        times.grace = .milliseconds(400)
        times.tick = .milliseconds(100)
        try await TestCluster.run(times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            await ada.vanish()
            let left = try await bob.event("left").body(RoomEvent.Left.self)
            let lost = try await ada.welcome().participant
            #expect(left.reason == .gone && left.id == lost)
            let back = try await cluster.connect()
            try await back.say(.resume(.init(token: try await ada.welcome().resumeToken)))
            #expect(try await back.refused().code == .gone)
        }
    }

    @Test("the seats of a node that died vanish when their leases end, and all others stay")
    func deadNode() async throws {
        var times = SignalingTimes.forTests(lease: .seconds(2), renewal: .milliseconds(500))
        times.tick = .milliseconds(100)
        try await TestCluster.run(nodes: 1, times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.withStore { _, redis in
                let store = SeatStore(redis: redis, rules: SeatRules(lease: 1_000, rebuild: 0))
                _ = try await store.join(
                    cluster.room, ticket: "t", entry: SeatFixture.entry("dead", node: "dead"), meeting: MeetingID("x"),
                    mediaNode: "")
            }
            _ = try await ada.event("joined")
            let left = try await ada.event("left", timeout: .seconds(3)).body(
                RoomEvent.Left.self)
            #expect(left.id == ParticipantID("dead") && left.reason == .gone)
            try await Task.sleep(for: .seconds(3))
            #expect(await ada.isOpen)
            #expect(try await ada.ask(.sendChat(.init(text: "still here"))).reply != nil)
        }
    }

    @Test("a node that can't renew in time serves nobody, and takes its seats up again when Redis is back")
    func selfFence() async throws {
        var times = SignalingTimes.forTests(lease: .seconds(2), renewal: .milliseconds(500))
        times.tick = .milliseconds(100)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url, times: times) { cluster in
                let ada = try await cluster.enter("Ada")
                await server.kill()
                #expect(try await ada.closeCode() == CloseCode.seatLost.rawValue)
                try await server.start()
                let token = try await ada.welcome().resumeToken
                var welcome: ServerMessage.Welcome?
                try await eventually("the seat is taken up") {
                    let back = try await cluster.connect()
                    try await back.say(.resume(.init(token: token)))
                    let answer = try await back.first("an answer") { ["welcome", "refused"].contains($0.type) }
                    welcome = try? answer.body(ServerMessage.Welcome.self)
                    return welcome == nil ? String(decoding: answer.data, as: UTF8.self) : nil
                }
                #expect(welcome?.resumed == true)
                let old = try await ada.welcome()
                #expect(welcome?.meeting == old.meeting)
            }
        }
    }

    @Test("people who come back while their node finds out that Redis has begun anew keep their seats")
    func resumedWhileRestoring() async throws {
        var times = SignalingTimes.forTests()
        times.beat = .milliseconds(20)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url, times: times) { cluster in
                var people: [TestPerson] = []
                for number in 1...20 { people.append(try await cluster.enter("\(number)")) }
                for _ in 1...10 {
                    try await cluster.withStore { _, redis in
                        _ = try await redis.send("HSET", .init(Partition(of: cluster.room).mark), "run", "0")
                    }
                    // Which of them come back between a renewal and what follows from it is up to chance.
                    people = try await Self.resumeAll(people, cluster)
                    for person in people {
                        _ = try await person.ask(.sendChat(.init(text: "still here")))
                        #expect(await person.isOpen)
                    }
                }
            }
        }
    }

    private static func resumeAll(_ people: [TestPerson], _ cluster: TestCluster) async throws -> [TestPerson] {
        try await withThrowingTaskGroup(of: TestPerson.self) { group in
            for person in people {
                let token = try await person.welcome().resumeToken
                group.addTask { try await cluster.resume(token) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("seats that can't be put back into a new Redis at first are put back soon")
    func restoreAgain() async throws {
        // Redis answers, but takes no seats before it is allowed to.
        let options = ["--user", "default", "on", "nopass", "~*", "&*", "+@all", "-zadd"]
        try await RedisServerProcess.withServer(options: options) { server in
            try await Self.allowSeats(server.url)
            try await TestCluster.run(nodes: 1, redisURL: server.url) { cluster in
                let ada = try await cluster.enter("Ada")
                await server.kill()
                try await server.start()
                try await Task.sleep(for: .seconds(2))
                let before = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room]) }
                #expect(before[cluster.room] == 0)
                try await Self.allowSeats(server.url)
                try await eventually(timeout: .seconds(5), "the seat is back") {
                    let seats = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room]) }
                    return seats[cluster.room] == 1 ? nil : "\(seats)"
                }
                #expect(await ada.isOpen)
            }
        }
    }

    private static func allowSeats(_ url: String) async throws {
        try await withRedisClient(url: url) { _ = try await $0.send("ACL", "SETUSER", "default", "+zadd") }
    }
}
