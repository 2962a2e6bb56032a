import NIOCore
import TestSupport
import Testing

@testable import Redis

@Suite("Redis Cluster", .timeLimit(.minutes(2)))
struct RedisClusterTests {
    /// As the services do it: two keys and a channel of one slot.
    private static let publish = RedisScript(
        """
        local number = redis.call('INCR', KEYS[1])
        redis.call('SET', KEYS[2], number)
        redis.call('SPUBLISH', ARGV[1], number)
        return number
        """)

    @Test("commands, pipelines and scripts go to the owners of their keys, from one address of the cluster")
    func routing() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            try await withRedisClient(url: cluster.primaries[1].url) { client async throws in
                for number in 0..<30 {
                    try await client.send("SET", "{\(number)}:a", "\(number)")
                }
                let keys = (0..<30).map { RedisArgument("{\($0)}:a") }
                let replies = try await client.pipeline(keys.map { ["GET", $0] } + [["PING"]])
                #expect(replies.map(\.string) == (0..<30).map { "\($0)" } + ["PONG"])
                let copy = RedisScript("redis.call('SET', KEYS[2], redis.call('GET', KEYS[1])) return KEYS[2]")
                for number in 0..<30 {
                    let keys = ["{\(number)}:a", "{\(number)}:b"]
                    #expect(try await client.evaluate(copy, keys: keys).string == keys[1])
                }
                let error = await #expect(throws: RedisError.self) {
                    try await client.evaluate(copy, keys: ["{1}", "{2}"])
                }
                #expect(error?.code == .server("CROSSSLOT"))
                #expect(await client.isReady())
                var total = 0
                for server in cluster.primaries {
                    let size = try await Int(cluster.say(server, "DBSIZE")) ?? 0
                    #expect(size > 0)
                    total += size
                }
                #expect(total == 60)
            }
        }
    }

    @Test("the password of the URL is used with every node, and the first of its addresses may be dead")
    func authentication() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            for server in cluster.primaries {
                try await cluster.say(server, "CONFIG", "SET", "requirepass", "secret")
            }
            let url = "redis://:secret@127.0.0.1:1,127.0.0.1:\(cluster.primaries[2].port)"
            try await withRedisClient(url: url) { client async throws in
                let replies = try await client.pipeline((0..<30).map { ["SET", "\($0)", "\($0)"] })
                #expect(replies.allSatisfy { $0.string == "OK" })
            }
        }
    }

    @Test("messages of every node come, in order, and a cancelled channel has no subscriber")
    func subscriptions() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            try await withRedisClient(url: cluster.url) { client async throws in
                let recorders = (0..<20).map { _ in Recorder() }
                var subscriptions: [RedisSubscription] = []
                for (number, recorder) in recorders.enumerated() {
                    subscriptions.append(
                        try await client.subscribe(
                            to: "{\(number)}:ev", receive: recorder.receive, interrupted: recorder.interrupted))
                }
                for number in recorders.indices {
                    for _ in 1...5 { try await publish(client, tag: "\(number)") }
                }
                let all = (1...5).map(String.init)
                try await eventually("all messages have come") {
                    recorders.allSatisfy { $0.all == all } ? nil : "\(recorders.map(\.all))"
                }
                for (number, subscription) in subscriptions.enumerated() {
                    await subscription.cancel()
                    #expect(try await client.send("SPUBLISH", "{\(number)}:ev", "x") == .integer(0))
                }
            }
        }
    }

    @Test("a slot that moves under commands and a subscription loses no command, and the subscriber is told each time")
    func migration() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            try await withRedisClient(url: cluster.url) { client async throws in
                let (recorder, other) = (Recorder(), Recorder())
                _ = try await client.subscribe(
                    to: "{m}:ev", receive: recorder.receive, interrupted: recorder.interrupted)
                _ = try await client.subscribe(to: "{n}:ev", receive: other.receive, interrupted: other.interrupted)
                let workers = (1...8).map { _ in
                    Task {
                        var done = 0
                        while !Task.isCancelled {
                            try await publish(client, tag: "m")
                            done += 1
                        }
                        return done
                    }
                }
                let pipelines = Task { try await askInOrder(client, tag: "m") }
                let way = try way(of: "m", in: cluster)
                for (number, (source, target)) in zip(way, way.dropFirst()).enumerated() {
                    try await cluster.move(
                        slot: RedisSlot(key: "m").number, from: source, to: target, pause: .milliseconds(50))
                    // A move before that would be one interruption with this one.
                    try await eventually("the subscriber was told and has messages again") {
                        let events = recorder.all
                        let times = events.count { $0 == "interrupted" }
                        return times > number && events.last != "interrupted" ? nil : "told \(times) times"
                    }
                    try await Task.sleep(for: .milliseconds(100))
                }
                pipelines.cancel()
                #expect(try await pipelines.value > 10)
                var done = 0
                for worker in workers {
                    worker.cancel()
                    done += try await worker.value
                }
                #expect(try await client.send("GET", "{m}:n").int == done)
                #expect(done > 100)
                let last = try await publish(client, tag: "m")
                try await eventually("the last message has come") {
                    recorder.all.last == "\(last)" ? nil : "\(recorder.all.suffix(3))"
                }
                try await publish(client, tag: "n")
                try await eventually("the other has its message") { other.all == ["1"] ? nil : "\(other.all)" }
                #expect(recorder.all.count { $0 == "interrupted" } == way.count - 1)
                expectGapsOnlyAtInterruptions(recorder.all)
            }
        }
    }

    @Test("a primary that is killed and comes back is found again, and the others are served meanwhile")
    func restart() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            try await withRedisClient(url: cluster.url, commandTimeout: .seconds(1)) { client async throws in
                let (lost, kept) = (tag(ownedBy: 0), tag(ownedBy: 1))
                let (recorder, other) = (Recorder(), Recorder())
                _ = try await client.subscribe(
                    to: "{\(lost)}:ev", receive: recorder.receive, interrupted: recorder.interrupted)
                _ = try await client.subscribe(
                    to: "{\(kept)}:ev", receive: other.receive, interrupted: other.interrupted)
                await cluster.primaries[0].kill()
                let started = ContinuousClock.now
                await #expect(throws: RedisError.self) { try await publish(client, tag: lost) }
                #expect(ContinuousClock.now - started < .milliseconds(2_500))
                try await publish(client, tag: kept)
                #expect(await client.isReady())
                try await cluster.primaries[0].start()
                try await eventually(timeout: .seconds(20), "the primary is back") {
                    (try? await publish(client, tag: lost)) == nil ? "no answer" : nil
                }
                try await eventually(timeout: .seconds(20), "its messages come again") {
                    try await publish(client, tag: lost)
                    return recorder.all.count > 1 ? nil : "\(recorder.all)"
                }
                #expect(recorder.all.first == "interrupted")
                #expect(recorder.all.count { $0 == "interrupted" } == 1)
                #expect(other.all == ["1"])
            }
        }
    }

    @Test("a replica that takes over is followed, though the first address of the URL is dead")
    func failover() async throws {
        try await RedisClusterProcess.withCluster(replica: true) { cluster async throws in
            let tag = tag(ownedBy: 0)
            try await withRedisClient(url: cluster.url) { client async throws in
                let recorder = Recorder()
                _ = try await client.subscribe(
                    to: "{\(tag)}:ev", receive: recorder.receive, interrupted: recorder.interrupted)
                try await client.send("SET", "{\(tag)}:kept", "1")
                let replica = try #require(cluster.replica)
                try await eventually("the replica has it") {
                    try await cluster.say(replica, "DBSIZE") == "1" ? nil : "nothing yet"
                }
                await cluster.primaries[0].kill()
                try await eventually(timeout: .seconds(30), "the replica answers") {
                    (try? await client.send("GET", "{\(tag)}:kept").string) == "1" ? nil : "no answer"
                }
                try await eventually("messages come again") {
                    try await publish(client, tag: tag)
                    return recorder.all.count > 1 ? nil : "\(recorder.all)"
                }
                #expect(recorder.all.first == "interrupted")
            }
            try await withRedisClient(url: cluster.url) { client async throws in
                #expect(try await client.send("GET", "{\(tag)}:kept").string == "1")
            }
        }
    }

    // MARK: Helpers

    @discardableResult
    private func publish(_ client: RedisClient, tag: String) async throws -> Int {
        let reply = try await client.evaluate(
            Self.publish, keys: ["{\(tag)}:n", "{\(tag)}:copy"], arguments: ["{\(tag)}:ev"])
        return try #require(reply.int)
    }

    /// Sends pipelines over all nodes, one key of which belongs to this tag, until it is cancelled.
    ///
    /// - Returns: how many.
    private func askInOrder(_ client: RedisClient, tag: String) async throws -> Int {
        var done = 0
        while !Task.isCancelled {
            done += 1
            let keys = (0..<20).map { $0 % 4 == 0 ? "{\(tag)}:\($0)" : "{\($0)}:p" }
            let values = keys.indices.map { "\(done).\($0)" }
            let sets = zip(keys, values).map { ["SET", RedisArgument($0), RedisArgument($1)] }
            let gets = keys.map { ["GET", RedisArgument($0)] }
            let replies = try await client.pipeline(sets + gets)
            #expect(replies.suffix(keys.count).map(\.string) == values)
        }
        return done
    }

    /// A hash tag whose slot the primary owns from the beginning.
    private func tag(ownedBy primary: Int) -> String {
        let tags = (0..<1_000).lazy.map { "t\($0)" }
        return tags.first { RedisSlot(key: $0).number / 5_462 == primary } ?? "none"
    }

    /// From the owner of the tag to each other primary and back, twice.
    private func way(of tag: String, in cluster: RedisClusterProcess) throws -> [RedisServerProcess] {
        let owner = RedisSlot(key: tag).number / 5_462
        let round = (0..<3).map { cluster.primaries[(owner + $0) % 3] }
        return round + round + [round[0]]
    }

    /// Numbers follow each other, unless an interruption stands between them.
    private func expectGapsOnlyAtInterruptions(_ events: [String]) {
        for (one, next) in zip(events, events.dropFirst()) {
            guard let one = Int(one), let next = Int(next) else { continue }
            #expect(next == one + 1)
        }
    }
}
