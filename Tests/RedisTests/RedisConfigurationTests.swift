import NIOCore
import Testing

@testable import Redis

@Suite("Redis configuration")
struct RedisConfigurationTests {
    @Test("a URL names host, port and database, each with a default")
    func places() throws {
        let full = try RedisConfiguration(url: "redis://cache.example:7000/3")
        #expect((full.nodes, full.database) == ([RedisNode(host: "cache.example", port: 7_000)], 3))
        let short = try RedisConfiguration(url: "redis://localhost")
        #expect((short.nodes, short.database) == ([RedisNode(host: "localhost", port: 6_379)], 0))
        let six = try RedisConfiguration(url: "redis://[::1]:7000/")
        #expect((six.nodes, six.database) == ([RedisNode(host: "::1", port: 7_000)], 0))
    }

    @Test("several nodes of a cluster are named in one URL")
    func nodes() throws {
        let configuration = try RedisConfiguration(url: "redis://us,er:p@h1:7000,[::1]:7001,h3/0")
        #expect(configuration.nodes.map(\.description) == ["h1:7000", "[::1]:7001", "h3:6379"])
        #expect(configuration.credentials == .init(user: "us,er", password: "p"))
        #expect("\(configuration)" == "redis://h1:7000,[::1]:7001,h3:6379/0")
    }

    @Test("user and password are percent-decoded")
    func credentials() throws {
        let both = try RedisConfiguration(url: "redis://us%40er:p%3A%2Fss%20w%C3%B6rd@h")
        #expect(both.credentials == .init(user: "us@er", password: "p:/ss wörd"))
        let password = try RedisConfiguration(url: "redis://:secret@h")
        #expect(password.credentials == .init(user: nil, password: "secret"))
        #expect(try RedisConfiguration(url: "redis://h").credentials == nil)
    }

    @Test(
        "a URL that makes no sense is refused",
        arguments: [
            "", "localhost:6379", "http://h", "redis://", "redis:///3", "redis://h/x", "redis://h/-1",
            "redis://h/70000",
            "redis://h:0", "redis://h:99999", "redis://user@h", "redis://h/0?x=1", "redis://h#f", "redis://:%zz@h",
            "redis://h,",
            "redis://,h", "redis://h:1,h:x", "redis://h/1,h/2",
        ])
    func refusals(url: String) {
        #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
    }

    @Test("credentials are in no description and in no error")
    func secrecy() throws {
        let configuration = try RedisConfiguration(url: "redis://someone:secret@h:1/2")
        for text in ["\(configuration)", String(reflecting: configuration)] {
            #expect(text == "redis://h:1/2")
        }
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: "redis://someone:secret@h/x") }
        #expect(error?.description.contains("secret") == false)
    }

    @Test("rediss means TLS, and an address has no name to verify")
    func tls() throws {
        let named = try RedisConfiguration(url: "rediss://cache.example")
        #expect(named.tls != nil && named.nodes.map(\.serverName) == ["cache.example"])
        #expect(try RedisConfiguration(url: "rediss://127.0.0.1").nodes.map(\.serverName) == [nil])
        #expect(throws: RedisError.self) {
            try RedisConfiguration(url: "rediss://h", certificateAuthorities: "/nowhere.pem")
        }
    }

    @Test("the wait before a reconnect grows with jitter and stays below its bound")
    func backoff() {
        var backoff = RedisBackoff()
        let delays = (1...40).map { _ in backoff.next() }
        #expect(delays[0] <= RedisBackoff.shortest)
        #expect(delays.allSatisfy { $0 >= .milliseconds(25) && $0 <= RedisBackoff.longest })
        #expect(Set(delays.suffix(20)).count > 1)
        #expect(delays[39] >= .milliseconds(500))
    }
}
