import Foundation
import Logging
import NIOPosix
import Redis

/// The Redis of the tests, with a prefix for keys and channels that nobody else uses.
public struct TestRedis: Sendable {
    public let url: String
    /// Ends with a colon.
    public let prefix: String

    /// - Throws: `TestServerError` if `PARLEY_TEST_REDIS` is missing.
    public init() throws {
        guard let url = ProcessInfo.processInfo.environment["PARLEY_TEST_REDIS"], !url.isEmpty else {
            throw TestServerError("PARLEY_TEST_REDIS is missing: run the tests by ops/test")
        }
        self.url = url
        prefix = "test-\(UUID().uuidString.prefix(13).lowercased()):"
    }

    public func key(_ name: String) -> String { prefix + name }

    /// Runs `body` with a client of this Redis and removes all keys with the prefix afterwards.
    public static func withClient<Result: Sendable>(
        commandTimeout: Duration = .seconds(5),
        _ body: @Sendable (TestRedis, RedisClient) async throws -> Result
    ) async throws -> Result {
        let redis = try TestRedis()
        return try await withRedisClient(url: redis.url, commandTimeout: commandTimeout) { client in
            do {
                let result = try await body(redis, client)
                try await redis.removeKeys(client)
                return result
            } catch {
                try? await redis.removeKeys(client)
                throw error
            }
        }
    }

    /// Removes every key that contains the prefix, also behind a hash tag such as `{r:PREFIX…}`.
    public func removeKeys(_ client: RedisClient) async throws {
        let remove = RedisScript(
            """
            local cursor = '0'
            repeat
                local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
                cursor = page[1]
                for _, key in ipairs(page[2]) do
                    redis.call('DEL', key)
                end
            until cursor == '0'
            """)
        // A script sees the keys of one node. These lie in the first, second and last third of the slots.
        for key in ["bar", "{}abc", "foo"] {
            _ = try await client.evaluate(remove, keys: [key], arguments: ["*\(prefix)*"])
        }
    }
}

/// Runs a client for the duration of `body`, and shuts it down.
public func withRedisClient<Result: Sendable>(
    url: String, commandTimeout: Duration = .seconds(5),
    _ body: @Sendable (RedisClient) async throws -> Result
) async throws -> Result {
    var logger = Logger(label: "test.redis")
    logger.logLevel = .error
    let client = RedisClient(
        try RedisConfiguration(url: url, commandTimeout: commandTimeout),
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        do {
            let result = try await body(client)
            group.cancelAll()
            try await group.waitForAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}
