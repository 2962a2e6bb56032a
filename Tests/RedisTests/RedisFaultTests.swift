import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import TestSupport
import Testing

@testable import Redis

@Suite("Redis faults", .timeLimit(.minutes(1)))
struct RedisFaultTests {
    @Test("a script is sent again after the server has forgotten it")
    func scriptReload() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url) { client async throws in
                let script = RedisScript("return 7")
                #expect(try await client.evaluate(script, keys: []).int == 7)
                try await client.send("SCRIPT", "FLUSH")
                #expect(try await client.evaluate(script, keys: []).int == 7)
                let known = try await client.send("SCRIPT", "EXISTS", "\(script.sha1)")
                #expect(known.array == [.integer(1)])
            }
        }
    }

    @Test("password and database of the URL are used")
    func authentication() async throws {
        try await RedisServerProcess.withServer(options: ["--requirepass", "p:/@ss"]) { server async throws in
            let place = "127.0.0.1:\(server.port)"
            try await withRedisClient(url: "redis://:p%3A%2F%40ss@\(place)/3") { client async throws in
                try await client.send("SET", "where", "three")
                #expect(try await client.send("CLIENT", "INFO").string?.contains(" db=3 ") == true)
            }
            try await withRedisClient(url: "redis://default:p%3A%2F%40ss@\(place)") { client async throws in
                #expect(try await client.send("GET", "where").isNull)
            }
            let wrong = "redis://:wrong@\(place)"
            try await withRedisClient(url: wrong, commandTimeout: .milliseconds(300)) { client async throws in
                let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
                #expect(error?.code == .connection)
                #expect(await client.isReady() == false)
            }
        }
    }

    @Test("a command that gets no answer in time fails, closes the connection, and no late reply answers another")
    func timeout() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url, commandTimeout: .milliseconds(300)) { client async throws in
                try await client.send("SET", "a", "1")
                let before = try await client.send("CLIENT", "ID").int
                let sleeping = Task { try await client.send("DEBUG", "SLEEP", "0.8") }
                try await Task.sleep(for: .milliseconds(50))
                let behind = Task { try await client.send("ECHO", "behind") }
                let started = ContinuousClock.now
                let error = await #expect(throws: RedisError.self) { try await sleeping.value }
                #expect(error?.code == .timeout)
                #expect(ContinuousClock.now - started < .milliseconds(600))
                await #expect(throws: RedisError.self) { try await behind.value }
                try await eventually("the connection is new") {
                    (try? await client.send("GET", "a").string) == "1" ? nil : "no connection after the sleep"
                }
                #expect(try await client.send("CLIENT", "ID").int != before)
            }
        }
    }

    @Test("commands fail within the limit while Redis is away, and work when it is back")
    func restart() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url, commandTimeout: .milliseconds(500)) { client async throws in
                try await client.send("PING")
                await server.kill()
                try await eventually("the loss is noticed") { await client.isReady() ? "still ready" : nil }
                let started = ContinuousClock.now
                let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
                #expect(error?.code == .connection)
                #expect(ContinuousClock.now - started < .seconds(1))
                try await server.start()
                try await eventually("the client is ready again") { await client.isReady() ? nil : "not ready again" }
                #expect(try await client.send("PING").string == "PONG")
            }
        }
    }

    @Test("a command that comes during a short absence is carried out after the reconnect")
    func waiting() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url, commandTimeout: .seconds(10)) { client async throws in
                try await client.send("PING")
                await server.kill()
                try await eventually("the loss is noticed") { await client.isReady() ? "still ready" : nil }
                let waiting = Task { try await client.send("INCR", "n").int }
                try await server.start()
                #expect(try await waiting.value == 1)
            }
        }
    }

    @Test("a server that hangs is noticed though nobody asks it anything")
    func silence() async throws {
        try await RedisServerProcess.withServer { server async throws in
            let limits = RedisLimits(probeInterval: .milliseconds(200))
            try await withClient(server, limits: limits) { client async throws in
                try await eventually("the client is ready") { await client.isReady() ? nil : "not ready" }
                await server.pause()
                try await Task.sleep(for: .milliseconds(1_200))
                let started = ContinuousClock.now
                #expect(await client.isReady() == false)
                #expect(ContinuousClock.now - started < .milliseconds(200))
                await server.resume()
                try await eventually("the client is ready again") { await client.isReady() ? nil : "not ready again" }
            }
        }
    }

    @Test("beyond the bounds a command fails at once, and those before it are answered")
    func overload() async throws {
        try await RedisServerProcess.withServer { server async throws in
            let limits = RedisLimits(pendingCommands: 10, pendingBytes: 1_000)
            try await withClient(server, limits: limits) { client async throws in
                try await client.send("PING")
                await server.pause()
                let accepted = (1...10).map { number in Task { try await client.send("ECHO", "\(number)").int } }
                try await Task.sleep(for: .milliseconds(50))
                let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
                #expect(error?.code == .overloaded)
                await server.resume()
                for (index, task) in accepted.enumerated() {
                    #expect(try await task.value == index + 1)
                }
                let large = await #expect(throws: RedisError.self) {
                    try await client.send("SET", "a", .bytes(Array(repeating: 0, count: 1_000)))
                }
                #expect(large?.code == .overloaded)
            }
        }
    }

    @Test("graceful shutdown lets commands on their way be answered and refuses later ones")
    func gracefulShutdown() async throws {
        try await RedisServerProcess.withServer { server async throws in
            let client = RedisClient(
                try RedisConfiguration(url: server.url, commandTimeout: .seconds(5)),
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
            let group = ServiceGroup(services: [client], logger: .quiet)
            let running = Task { try await group.run() }
            try await client.send("PING")
            let onItsWay = Task { try await client.send("DEBUG", "SLEEP", "0.3") }
            try await Task.sleep(for: .milliseconds(100))
            await group.triggerGracefulShutdown()
            #expect(try await onItsWay.value.string == "OK")
            try await running.value
            let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
            #expect(error?.code == .closed)
            await #expect(throws: RedisError.self) { try await client.run() }
        }
    }

    @Test("a client whose run was never called fails its commands within the limit")
    func neverRun() async throws {
        let redis = try TestRedis()
        let client = RedisClient(
            try RedisConfiguration(url: redis.url, commandTimeout: .milliseconds(100)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
        #expect(error?.code == .connection)
        await #expect(throws: RedisError.self) {
            try await client.subscribe(to: redis.key("c"), receive: { _ in }, interrupted: {})
        }
    }

    private func withClient(
        _ server: RedisServerProcess, limits: RedisLimits, _ body: (RedisClient) async throws -> Void
    ) async throws {
        let client = RedisClient(
            try RedisConfiguration(url: server.url, commandTimeout: .milliseconds(500)), limits: limits,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        let running = Task { try await client.run() }
        do {
            try await body(client)
        } catch {
            Issue.record(error)
        }
        running.cancel()
        try await running.value
    }
}

extension Logger {
    static var quiet: Logger {
        var logger = Logger(label: "test.redis")
        logger.logLevel = .critical
        return logger
    }
}
