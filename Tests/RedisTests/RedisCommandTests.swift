import Redis
import TestSupport
import Testing

@Suite("Redis commands", .timeLimit(.minutes(1)))
struct RedisCommandTests {
    @Test("what is set is read again, whatever its bytes")
    func roundTrips() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let bytes: [UInt8] = [0, 1, 13, 10, 255, 0]
            #expect(try await client.send("SET", "\(redis.key("a"))", .bytes(bytes)) == .simpleString("OK"))
            #expect(try await client.send("GET", "\(redis.key("a"))") == .bulk(bytes))
            #expect(try await client.send("GET", "\(redis.key("missing"))").isNull)
            #expect(try await client.send("INCRBY", "\(redis.key("n"))", 41).int == 41)
            #expect(try await client.send("STRLEN", "\(redis.key("a"))") == .integer(6))
        }
    }

    @Test("a value of 3 MB goes and comes whole")
    func large() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
            try await client.send("SET", "\(redis.key("large"))", .bytes(bytes))
            #expect(try await client.send("GET", "\(redis.key("large"))").bytes == bytes)
        }
    }

    @Test("1,000 commands at once each get their own answer")
    func pipelining() async throws {
        try await TestRedis.withClient { _, client async throws in
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1_000 {
                    group.addTask { try await client.send("ECHO", "\(number)").int == number }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 1_000)
        }
    }

    @Test("a pipeline keeps its order and has errors as values")
    func pipeline() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let key = RedisArgument(redis.key("list"))
            let replies = try await client.pipeline([
                ["RPUSH", key, "a", "b"], ["INCR", key], ["LRANGE", key, 0, -1],
            ])
            #expect(replies.count == 3 && replies[0] == .integer(2))
            #expect(replies[1].error?.code == .server("WRONGTYPE"))
            #expect(replies[2].array?.compactMap(\.string) == ["a", "b"])
        }
    }

    @Test("an error of the server is thrown with its first word, and the connection goes on")
    func serverErrors() async throws {
        try await TestRedis.withClient { _, client async throws in
            let error = await #expect(throws: RedisError.self) { try await client.send("NO-SUCH-COMMAND") }
            #expect(error?.code == .server("ERR"))
            #expect(try await client.send("PING").string == "PONG")
        }
    }

    @Test("a list that looks like a published message is still an answer")
    func listLikeMessage() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let key = RedisArgument(redis.key("list"))
            try await client.send("RPUSH", key, "message", "channel", "text")
            let list = try await client.send("LRANGE", key, 0, -1)
            #expect(list.array?.compactMap(\.string) == ["message", "channel", "text"])
        }
    }

    @Test("a command without words is refused and not sent")
    func empty() async throws {
        try await TestRedis.withClient { _, client async throws in
            await #expect(throws: RedisError.self) { try await client.send([]) }
            await #expect(throws: RedisError.self) { try await client.pipeline([]) }
            #expect(try await client.send("PING").string == "PONG")
        }
    }

    @Test("a script gets its keys and arguments, and its error is thrown")
    func scripts() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let script = RedisScript("redis.call('SET', KEYS[1], ARGV[1]) return {KEYS[1], ARGV[2]}")
            let key = redis.key("s")
            let reply = try await client.evaluate(script, keys: [key], arguments: ["v", 5])
            #expect(reply.array?.compactMap(\.string) == [key, "5"])
            #expect(try await client.send("GET", "\(key)").string == "v")
            let failing = RedisScript("return redis.error_reply('FENCED too late')")
            let error = await #expect(throws: RedisError.self) { try await client.evaluate(failing, keys: []) }
            #expect(error?.code == .server("FENCED"))
        }
    }
}
