import NIOPosix
import Redis
import TestSupport
import Testing

@Suite("Redis under stress", .timeLimit(.minutes(1)))
struct RedisStressTests {
    private struct Tally: Sendable {
        var answered = 0
        var failed = 0
        var wrong = 0
        var slowest = Duration.zero
    }

    /// Asks for its own numbers until it is told to stop.
    private func ask(_ client: RedisClient, worker: Int, until end: ContinuousClock.Instant) async -> Tally {
        var tally = Tally()
        var number = worker * 1_000_000
        while ContinuousClock.now < end {
            number += 1
            let start = ContinuousClock.now
            if let answer = try? await client.send("ECHO", "\(number)") {
                tally.answered += 1
                if answer.int != number { tally.wrong += 1 }
            } else {
                tally.failed += 1
                try? await Task.sleep(for: .milliseconds(1))
            }
            tally.slowest = max(tally.slowest, ContinuousClock.now - start)
        }
        return tally
    }

    @Test("while the server is killed, paused and started, every command ends in time and no answer goes astray")
    func faults() async throws {
        try await RedisServerProcess.withServer { server async throws in
            expectOrder(try await disturbed(server, url: server.url))
        }
    }

    @Test("the same while one primary of a cluster is killed, paused and started")
    func clusterFaults() async throws {
        try await RedisClusterProcess.withCluster { cluster async throws in
            expectOrder(try await disturbed(cluster.primaries[0], url: cluster.url))
        }
    }

    private func expectOrder(_ tally: Tally) {
        #expect(tally.wrong == 0)
        #expect(tally.answered > 1_000 && tally.failed > 0)
        // A wait for the connection and one for the answer, and what a busy machine adds.
        #expect(tally.slowest < .milliseconds(2_000))
    }

    /// Asks for 5 s, while one server is not well.
    private func disturbed(_ server: RedisServerProcess, url: String) async throws -> Tally {
        try await withRedisClient(url: url, commandTimeout: .milliseconds(300)) { client in
            let end = ContinuousClock.now + .seconds(5)
            return try await withThrowingTaskGroup(of: Tally?.self) { group in
                for worker in 1...50 {
                    group.addTask { await ask(client, worker: worker, until: end) }
                }
                group.addTask {
                    try await disturb(server)
                    return nil
                }
                return try await group.reduce(into: Tally()) { sum, one in
                    guard let one else { return }
                    sum.answered += one.answered
                    sum.failed += one.failed
                    sum.wrong += one.wrong
                    sum.slowest = max(sum.slowest, one.slowest)
                }
            }
        }
    }

    private func disturb(_ server: RedisServerProcess) async throws {
        for _ in 1...3 {
            try await Task.sleep(for: .milliseconds(400))
            await server.pause()
            try await Task.sleep(for: .milliseconds(400))
            await server.resume()
            try await Task.sleep(for: .milliseconds(200))
            await server.kill()
            try await server.start()
        }
    }

    @Test("shutting down in the middle of everything fails what is left, and leaves nobody waiting")
    func shutdown() async throws {
        let redis = try TestRedis()
        for round in 1...10 {
            let client = RedisClient(
                try RedisConfiguration(url: redis.url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: .quiet)
            let running = Task { try await client.run() }
            let asking = (1...20).map { worker in
                Task {
                    while true { _ = try await client.send("ECHO", "\(worker)") }
                }
            }
            let listening = (1...20).map { number in
                Task {
                    while true {
                        let channel = redis.key("\(round).\(number)")
                        let subscription = try await client.subscribe(to: channel, receive: { _ in }, interrupted: {})
                        await subscription.cancel()
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(3 * round))
            running.cancel()
            try await running.value
            for task in asking + listening {
                let error = await #expect(throws: RedisError.self) { try await task.value }
                #expect(error?.code == .closed)
            }
        }
    }

    @Test("a server that hangs does not hold up the shutdown longer than the command timeout")
    func hangingShutdown() async throws {
        try await RedisServerProcess.withServer { server async throws in
            let client = RedisClient(
                try RedisConfiguration(url: server.url, commandTimeout: .milliseconds(300)),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
            let running = Task { try await client.run() }
            try await client.send("PING")
            await server.pause()
            let stuck = Task { try await client.send("PING") }
            try await Task.sleep(for: .milliseconds(20))
            let start = ContinuousClock.now
            running.cancel()
            try await running.value
            #expect(ContinuousClock.now - start < .seconds(1))
            await #expect(throws: RedisError.self) { try await stuck.value }
        }
    }
}
