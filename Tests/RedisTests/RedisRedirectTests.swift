import Synchronization
import TestSupport
import Testing

@testable import Redis

/// What nodes say of each other, told by servers that are none.
@Suite("Redis redirects", .timeLimit(.minutes(1)))
struct RedisRedirectTests {
    /// The commands that one server got.
    private final class Log: Sendable {
        private let commands = Mutex<[[String]]>([])

        var all: [[String]] { commands.withLock { $0 } }

        func add(_ words: [String]) -> Int {
            commands.withLock {
                $0.append(words)
                return $0.count
            }
        }
    }

    @Sendable private static func ownsAll(_ node: RedisNode) -> String {
        "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:\(node.port)\r\n"
    }

    /// As one that is about to get its first slot.
    @Sendable private static func ownsNone(_ node: RedisNode) -> String { "*0\r\n" }

    @Test("ASK sends ASKING before the command, to the named node, and once only")
    func ask() async throws {
        let (owner, asked) = (Log(), Log())
        let answer = { @Sendable (words: [String]) in
            _ = asked.add(words)
            return words == ["ASKING"] ? "+OK\r\n" : "$5\r\nthere\r\n"
        }
        try await FakeRedis.withServer(slots: Self.ownsNone, answer: answer) { target async throws in
            let ask = { @Sendable (words: [String]) in
                // No host: the same machine is meant.
                owner.add(words) == 1 ? "-ASK 12182 :\(target.node.port)\r\n" : "$4\r\nhere\r\n"
            }
            try await FakeRedis.withServer(slots: Self.ownsAll, answer: ask) { server async throws in
                try await withRedisClient(url: "redis://\(server.node)") { client async throws in
                    #expect(try await client.send("GET", "foo").string == "there")
                    #expect(try await client.send("GET", "foo").string == "here")
                }
            }
        }
        #expect(asked.all == [["ASKING"], ["GET", "foo"]])
    }

    @Test("MOVED is followed, at most five times, and then it is the answer")
    func moved() async throws {
        let log = Log()
        let answer = { @Sendable (words: [String]) in
            log.add(words) > 0 ? "-MOVED 12182 :\(words[1])\r\n" : ""
        }
        try await FakeRedis.withServer(slots: Self.ownsAll, answer: answer) { server async throws in
            try await withRedisClient(url: "redis://\(server.node)") { client async throws in
                let error = await #expect(throws: RedisError.self) {
                    try await client.send("GET", "\(server.node.port)")
                }
                #expect(error?.code == .server("MOVED"))
            }
        }
        #expect(log.all.count == 1 + RedisRouter.longestWay)
    }

    @Test("a pipeline keeps its order when some of its commands go elsewhere")
    func pipeline() async throws {
        let other = { @Sendable (words: [String]) in "+other \(words[1])\r\n" }
        try await FakeRedis.withServer(slots: Self.ownsNone, answer: other) { target async throws in
            let answer = { @Sendable (words: [String]) in
                words[1] == "foo" ? "-MOVED 12182 :\(target.node.port)\r\n" : "+own \(words[1])\r\n"
            }
            try await FakeRedis.withServer(slots: Self.ownsAll, answer: answer) { server async throws in
                try await withRedisClient(url: "redis://\(server.node)") { client async throws in
                    let replies = try await client.pipeline([["GET", "a"], ["GET", "foo"], ["GET", "b"]])
                    #expect(replies.map(\.string) == ["own a", "other foo", "own b"])
                }
            }
        }
    }

    @Test("what passes by itself is tried again", arguments: ["TRYAGAIN Multiple keys", "CLUSTERDOWN No owner"])
    func later(line: String) async throws {
        let log = Log()
        let answer = { @Sendable (words: [String]) in log.add(words) < 4 ? "-\(line)\r\n" : "+OK\r\n" }
        try await FakeRedis.withServer(slots: Self.ownsAll, answer: answer) { server async throws in
            try await withRedisClient(url: "redis://\(server.node)") { client async throws in
                #expect(try await client.send("SET", "foo", "1").string == "OK")
            }
        }
        #expect(log.all.count == 4)
    }

    @Test("what does not pass is the answer when the time is over, after few attempts")
    func never() async throws {
        let log = Log()
        let answer = { @Sendable (words: [String]) in log.add(words) > 0 ? "-CLUSTERDOWN No owner\r\n" : "" }
        try await FakeRedis.withServer(slots: Self.ownsAll, answer: answer) { server async throws in
            let url = "redis://\(server.node)"
            try await withRedisClient(url: url, commandTimeout: .milliseconds(500)) { client async throws in
                let started = ContinuousClock.now
                let error = await #expect(throws: RedisError.self) { try await client.send("SET", "foo", "1") }
                #expect(error?.code == .server("CLUSTERDOWN"))
                #expect(ContinuousClock.now - started < .seconds(1))
            }
        }
        #expect((3...20).contains(log.all.count))
    }
}
