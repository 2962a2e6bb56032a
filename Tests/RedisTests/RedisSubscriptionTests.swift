import Redis
import TestSupport
import Testing

@Suite("Redis subscriptions", .timeLimit(.minutes(1)))
struct RedisSubscriptionTests {
    @Test("messages come in the order of their publication, to the subscribers of their channel only")
    func order() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let (one, other) = (Recorder(), Recorder())
            let channel = redis.key("one")
            _ = try await client.subscribe(to: channel, receive: one.receive, interrupted: one.interrupted)
            _ = try await client.subscribe(
                to: redis.key("other"), receive: other.receive, interrupted: other.interrupted)
            let count = 2_000
            let replies = try await client.pipeline(
                (0..<count).map { ["SPUBLISH", RedisArgument(channel), "\($0)"] })
            #expect(replies.allSatisfy { $0 == .integer(1) })
            try await eventually("all messages have come") {
                one.all.count == count ? nil : "\(one.all.count) of \(count) messages"
            }
            #expect(one.all == (0..<count).map(String.init))
            #expect(other.all.isEmpty)
        }
    }

    @Test("a message of 1 MB with NUL bytes comes whole")
    func large() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let recorder = Recorder()
            let channel = redis.key("c")
            _ = try await client.subscribe(to: channel, receive: recorder.receive, interrupted: recorder.interrupted)
            let text = String(repeating: "\0abc", count: 250_000)
            try await client.send("SPUBLISH", "\(channel)", "\(text)")
            try await eventually("the message has come") { recorder.all.isEmpty ? "no message" : nil }
            #expect(recorder.all == [text])
        }
    }

    @Test("after cancelling, Redis knows no subscriber and nothing is delivered")
    func cancelling() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let recorder = Recorder()
            let channel = redis.key("c")
            let subscription = try await client.subscribe(
                to: channel, receive: recorder.receive, interrupted: recorder.interrupted)
            await subscription.cancel()
            #expect(try await client.send("SPUBLISH", "\(channel)", "x") == .integer(0))
            await subscription.cancel()
            #expect(recorder.all.isEmpty)
        }
    }

    @Test("a channel stays subscribed until its last subscriber has cancelled")
    func sharing() async throws {
        try await TestRedis.withClient { redis, client async throws in
            let (first, second) = (Recorder(), Recorder())
            let channel = redis.key("c")
            let old = try await client.subscribe(to: channel, receive: first.receive, interrupted: {})
            let new = try await client.subscribe(to: channel, receive: second.receive, interrupted: {})
            await old.cancel()
            #expect(try await client.send("SPUBLISH", "\(channel)", "x") == .integer(1))
            try await eventually("the message has come") { second.all == ["x"] ? nil : "no message" }
            #expect(first.all.isEmpty)
            await new.cancel()
            #expect(try await client.send("SPUBLISH", "\(channel)", "y") == .integer(0))
        }
    }

    @Test("after kill -9 and restart the subscription lives again, and its owner is told before the next message")
    func resubscription() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url, commandTimeout: .seconds(2)) { client async throws in
                let (kept, cancelled) = (Recorder(), Recorder())
                _ = try await client.subscribe(to: "kept", receive: kept.receive, interrupted: kept.interrupted)
                let gone = try await client.subscribe(
                    to: "cancelled", receive: cancelled.receive, interrupted: cancelled.interrupted)
                try await client.send("SPUBLISH", "kept", "before")
                try await eventually("the first message has come") { kept.all == ["before"] ? nil : "no first message" }
                await server.kill()
                await gone.cancel()
                try await server.start()
                try await eventually("the subscription is there again") {
                    let reached = (try? await client.send("SPUBLISH", "kept", "after")) == .integer(1)
                    return reached ? nil : "not subscribed again"
                }
                try await eventually("interruption and message have come") {
                    kept.all.count == 3 ? nil : "seen: \(kept.all)"
                }
                #expect(kept.all == ["before", "interrupted", "after"])
                #expect(try await client.send("SPUBLISH", "cancelled", "x") == .integer(0))
                #expect(cancelled.all.isEmpty)
            }
        }
    }

    @Test("subscribing while Redis is away fails within the limit and leaves nothing behind")
    func whileAway() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await withRedisClient(url: server.url, commandTimeout: .milliseconds(300)) { client async throws in
                await server.kill()
                let started = ContinuousClock.now
                await #expect(throws: RedisError.self) {
                    try await client.subscribe(to: "c", receive: { _ in }, interrupted: {})
                }
                #expect(ContinuousClock.now - started < .seconds(1))
                try await server.start()
                try await eventually("the client is ready") { await client.isReady() ? nil : "not ready" }
                #expect(try await client.send("SPUBLISH", "c", "x") == .integer(0))
            }
        }
    }
}
