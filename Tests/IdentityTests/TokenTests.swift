import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Access tokens", .timeLimit(.minutes(1)))
struct TokenTests {
    @Test("a token is good with the published keys, for five minutes, and says who the person is")
    func verifies() async throws {
        try await IdentityBench.run { bench async throws in
            let response = try await bench.signIn()
            let session = try response.decoded(SessionView.self)
            let issued = try await bench.send(.post, "session/token", cookie: response.sessionCookie)
            #expect(issued.status == .created)
            let view = try issued.decoded(AccessTokenView.self)
            #expect(abs(view.expiresAt.timeIntervalSinceNow - 300) < 10)

            let published = try await bench.send(.get, "jwks.json", origin: nil)
            #expect(published.headers[.cacheControl] == "public, max-age=300")
            let verifier = await AccessTokenVerifier(keySet: try published.decoded(KeySetDocument.self))
            let claims = try await verifier.verify(view.accessToken)
            #expect(claims.account == session.account)
            #expect(claims.organization == session.organization.id)
            #expect(claims.session == session.session)
            #expect(claims.displayName == "Erika Muster")
            #expect(claims.permissions == [.createRooms])
            await #expect(throws: ProblemError.self) {
                try await verifier.verify(view.accessToken, now: view.expiresAt.addingTimeInterval(60))
            }
        }
    }

    @Test("a token does not outlive its session")
    func bounded() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            try await bench.pool.execute("update session set expires_at = now() + interval '90 seconds'")
            let view = try await bench.send(.post, "session/token", cookie: cookie).decoded(AccessTokenView.self)
            #expect((60...90).contains(view.expiresAt.timeIntervalSinceNow))
        }
    }

    @Test("the published keys are in base64url without padding, and hold nothing private")
    func strict() async throws {
        try await IdentityBench.run { bench async throws in
            let response = try await bench.send(.get, "jwks.json", origin: nil)
            let body = try #require(
                try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
                    as? [String: [[String: String]]])
            let keys = try #require(body["keys"])
            #expect(keys.count == 1)
            for key in keys {
                #expect(Set(key.keys) == ["kty", "crv", "x", "y", "kid", "use", "alg"])
                #expect(key["x"]?.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
                #expect(key["y"]?.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
            }
        }
    }

    @Test("instances that start together make one signing key, and each accepts the other's tokens")
    func oneKey() async throws {
        try await TestDatabase.withDatabase { database in
            let settings = try IdentityBench.settings(databaseURL: database.url)
            _ = try await Administration.migrate(settings.database)
            try await PostgresPool.withPool(settings.database, logger: IdentityBench.logger) { pool in
                let store = SigningKeyStore(
                    pool: pool, seal: SigningKeySeal(clusterSecret: IdentityBench.clusterSecret))
                let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<8 { group.addTask { try await store.load(rotatingAfter: 30).first?.id } }
                    return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
                }
                #expect(ids.count == 1)
                #expect(try await pool.query("select id from signing_key").count == 1)
            }
            try await IdentityBench.serve(settings) { first in
                try await IdentityBench.serve(settings) { second in
                    let keys = try await [first, second].asyncMap { client in
                        try await client.execute(uri: "/api/identity/jwks.json", method: .get).body
                    }
                    #expect(keys[0] == keys[1])
                }
            }
        }
    }

    @Test("with another cluster secret there are no tokens, and the stored key stays")
    func otherSecret() async throws {
        try await IdentityBench.run { bench async throws in
            let settings = bench.settings.with(clusterSecret: "quite another secret of the cluster")
            let cookie = try await bench.signedIn()
            try await IdentityBench.serve(settings, isExpectedReady: false) { client in
                let other = IdentityBench(settings: settings, pool: bench.pool, client: client)
                try await Task.sleep(for: .milliseconds(300))
                let response = try await other.send(.post, "session/token", cookie: cookie)
                #expect(response.status == .serviceUnavailable)
                #expect(response.code == .unavailable)
                #expect(try await other.send(.get, "jwks.json").code == .unavailable)
            }
            #expect(try await bench.pool.query("select id from signing_key").count == 1)
        }
    }

    @Test("without PostgreSQL the answer is 503, not an error of ours")
    func withoutPostgres() async throws {
        let settings = try IdentityBench.settings(
            databaseURL: "postgresql://nobody@127.0.0.1:1/nothing")
        try await PostgresPool.withPool(settings.database, logger: IdentityBench.logger) { pool in
            try await IdentityBench.serve(settings, isExpectedReady: false) { client in
                let bench = IdentityBench(settings: settings, pool: pool, client: client)
                let response = try await bench.send(.get, "session", cookie: SessionToken().text)
                #expect(response.status == .serviceUnavailable)
                #expect(response.code == .unavailable)
                #expect(response.headers[.retryAfter] != nil)
            }
        }
    }
}

extension IdentitySettings {
    fileprivate func with(clusterSecret: String) -> IdentitySettings {
        var settings = self
        settings.service.clusterSecret = Array(clusterSecret.utf8)
        return settings
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
