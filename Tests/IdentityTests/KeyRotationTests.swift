import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Rotation of signing keys", .timeLimit(.minutes(1)))
struct KeyRotationTests {
    private static func store(_ bench: IdentityBench) -> SigningKeyStore {
        SigningKeyStore(pool: bench.pool, seal: SigningKeySeal(clusterSecret: IdentityBench.clusterSecret))
    }

    private static func age(_ bench: IdentityBench, seconds: Int) async throws {
        try await bench.pool.execute(
            "update signing_key set signs_from = signs_from - make_interval(secs => \(seconds))")
    }

    @Test("the next key is published before it signs; the one before it is published until its tokens are over")
    func rotation() async throws {
        try await IdentityBench.run { bench async throws in
            let store = Self.store(bench)
            let first = try await store.load(rotatingAfter: 30).map(\.id)
            #expect(first.count == 1)
            try await store.rotate(isCompromised: false)
            let both = try await store.load(rotatingAfter: 30).map(\.id)
            #expect(both.count == 2 && both[0] == first[0], "the first one still signs")
            try await Self.age(bench, seconds: SigningKeyStore.lead + 1)
            let next = try await store.load(rotatingAfter: 30).map(\.id)
            #expect(next == [both[1], both[0]], "the next one signs, and both are published")
            try await Self.age(bench, seconds: SigningKeyStore.lead)
            #expect(try await store.load(rotatingAfter: 30).map(\.id) == [both[1]])
        }
    }

    @Test("a key of the age that is set gets a successor, once, whoever looks")
    func byAge() async throws {
        try await IdentityBench.run { bench async throws in
            let store = Self.store(bench)
            try await Self.age(bench, seconds: 31 * 86_400)
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await store.load(rotatingAfter: 30).count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == Array(repeating: 2, count: 6))
            #expect(try await store.load(rotatingAfter: 60).count == 2)
        }
    }

    @Test("a rotation signs nobody out, and tokens of before go on to be good; a compromised key is gone at once")
    func sessions() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let old = try await bench.token(cookie)
            try await Self.store(bench).rotate(isCompromised: false)
            try await Self.age(bench, seconds: SigningKeyStore.lead + 1)
            try await IdentityBench.serve(bench.settings) { client in
                let other = IdentityBench(settings: bench.settings, pool: bench.pool, client: client)
                let new = try await other.token(cookie)
                #expect(Self.keyID(new) != Self.keyID(old))
                #expect(try await other.send(.get, "colleagues", bearer: old).status == .ok)
                #expect(try await other.send(.get, "colleagues", bearer: new).status == .ok)
            }
            try await Self.store(bench).rotate(isCompromised: true)
            try await IdentityBench.serve(bench.settings) { client in
                let other = IdentityBench(settings: bench.settings, pool: bench.pool, client: client)
                #expect(try await other.send(.get, "session", cookie: cookie).status == .ok)
                #expect(try await other.send(.get, "colleagues", bearer: old).code == .unauthenticated)
                let new = try await other.token(cookie)
                #expect(try await other.send(.get, "colleagues", bearer: new).status == .ok)
            }
        }
    }

    private static func keyID(_ token: String) -> String? {
        struct Header: Decodable { var kid: String }
        let head = token.split(separator: ".").first.flatMap { [UInt8](base64URL: String($0)) } ?? []
        return try? JSONDecoder().decode(Header.self, from: Data(head)).kid
    }
}
