import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing

@Suite("Limits by fixed windows", .timeLimit(.minutes(1)))
struct FixedWindowTests {
    @Test("so many are allowed, and no more until the window ends")
    func limit() async throws {
        try await TestRedis.withClient { redis, client in
            let window = FixedWindow(
                redis: client, name: "pin", limit: 3, window: .milliseconds(1_500), keyPrefix: redis.prefix)
            #expect(try await window.peek("room").allowed)
            #expect(try await window.peek("room").retryAfter == .zero)
            for remaining in [2, 1, 0] {
                let decision = try await window.hit("room")
                #expect(decision.allowed)
                #expect(decision.remaining == remaining)
            }
            #expect(try await !window.peek("room").allowed)
            let refused = try await window.hit("room")
            #expect(!refused.allowed)
            #expect(refused.retryAfter > .zero && refused.retryAfter <= .milliseconds(1_500))
            #expect(try await window.hit("another room").allowed)
            try await eventually("the window ends") { try await window.peek("room").allowed ? nil : "still closed" }
            #expect(try await window.hit("room").remaining == 2)
        }
    }

    @Test("a reset forgets, and names are apart")
    func reset() async throws {
        try await TestRedis.withClient { redis, client in
            let one = FixedWindow(redis: client, name: "a", limit: 1, window: .seconds(60), keyPrefix: redis.prefix)
            let two = FixedWindow(redis: client, name: "b", limit: 1, window: .seconds(60), keyPrefix: redis.prefix)
            _ = try await one.hit("x\r\n*1\0")
            #expect(try await !one.hit("x\r\n*1\0").allowed)
            #expect(try await two.hit("x\r\n*1\0").allowed)
            try await one.reset("x\r\n*1\0")
            #expect(try await one.hit("x\r\n*1\0").allowed)
        }
    }

    @Test("100 at once are counted one by one")
    func together() async throws {
        try await TestRedis.withClient { redis, client in
            let window = FixedWindow(redis: client, name: "c", limit: 10, window: .seconds(60), keyPrefix: redis.prefix)
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { try await window.hit("x").allowed } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(allowed == 10)
        }
    }

    @Test("without Redis nobody gets through: it throws, which is 503")
    func away() async throws {
        try await withRedisClient(url: "redis://127.0.0.1:1", commandTimeout: .milliseconds(200)) { client in
            let window = FixedWindow(redis: client, name: "d", limit: 10, window: .seconds(60))
            let error = await #expect(throws: RedisError.self) { try await window.hit("x") }
            #expect(error?.problemError.code == .unavailable)
        }
    }
}
