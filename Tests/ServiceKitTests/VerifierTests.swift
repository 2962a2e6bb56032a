import Foundation
import Hummingbird
import Logging
import NIOCore
import ParleyProtocol
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite("Keys of access tokens over HTTP", .timeLimit(.minutes(1)))
struct VerifierTests {
    /// Runs identity with a key set that the test may change.
    private func withIdentity(
        _ published: KeySet, port: Int = 0, _ body: @Sendable (ListeningPorts) async throws -> Void
    ) async throws {
        try await withRunningService { onListening in
            serve(
                ServiceSettings(name: .identity, innerPort: port, clusterSecret: testSecret),
                publicRouter: makePublicRouter(registry: PrometheusRegistry()),
                innerRoutes: { $0.get("jwks.json") { _, _ in try published.answer() } },
                registry: PrometheusRegistry(), handlesSignals: false, logger: silentLogger(), onListening: onListening)
        } _: {
            try await body($0)
        }
    }

    private func running(_ verifier: AccessTokenVerifier, _ body: @Sendable () async throws -> Void) async throws {
        let group = ServiceGroup(configuration: .init(services: [verifier], logger: silentLogger()))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
                await group.triggerGracefulShutdown()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            try await tasks.waitForAll()
        }
    }

    private func verifier(_ port: Int, lookAgain: Duration = .seconds(10)) -> AccessTokenVerifier {
        AccessTokenVerifier(
            jwksURL: "http://127.0.0.1:\(port)/jwks.json", lookAgain: lookAgain, logger: silentLogger())
    }

    @Test("keys are fetched at start, and go on to serve while identity is away")
    func identityAway() async throws {
        let signer = try makeSigner()
        let token = try await signer.sign(someAccount())
        let published = KeySet([signer.publicKey])
        let verifier = Mutex<AccessTokenVerifier?>(nil)
        try await withIdentity(published) { ports in
            let fresh = self.verifier(ports.inner)
            verifier.withLock { $0 = fresh }
            try await running(fresh) {
                try await eventually("keys are there") { fresh.isReady ? nil : "none" }
            }
        }
        let kept = try #require(verifier.withLock { $0 })
        #expect(try await kept.verify(token) == someAccount())
        let stranger = try await makeSigner().sign(someAccount())
        let error = await #expect(throws: ProblemError.self) { try await kept.verify(stranger) }
        #expect(error?.code == .unauthenticated)
    }

    @Test("before identity was ever there it is 503, and soon after it comes all is well")
    func identityLate() async throws {
        let signer = try makeSigner()
        let token = try await signer.sign(someAccount())
        let published = KeySet([signer.publicKey])
        let port = Mutex(0)
        try await withIdentity(published) { ports in port.withLock { $0 = ports.inner } }
        let verifier = verifier(port.withLock { $0 })
        try await running(verifier) {
            let error = await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
            #expect(error?.code == .unavailable)
            #expect(!verifier.isReady)
            try await withIdentity(published, port: port.withLock { $0 }) { _ in
                try await eventually("keys are there") { verifier.isReady ? nil : "none" }
                #expect(try await verifier.verify(token) == someAccount())
            }
        }
    }

    @Test("a process that has just begun takes no token before it knows which ones have ended")
    func revocationsLate() async throws {
        let signer = try makeSigner()
        let token = try await signer.sign(someAccount())
        let published = KeySet([signer.publicKey])
        let list = Mutex<RevocationList?>(nil)
        try await withRunningService { onListening in
            serve(
                ServiceSettings(name: .identity, clusterSecret: testSecret),
                publicRouter: makePublicRouter(registry: PrometheusRegistry()),
                innerRoutes: { $0.get("jwks.json") { _, _ in try published.answer() } },
                internalRoutes: {
                    $0.get("revocations") { _, _ in
                        guard let list = list.withLock({ $0 }) else { throw ProblemError.unavailable() }
                        return try jsonResponse(list)
                    }
                },
                registry: PrometheusRegistry(), handlesSignals: false, logger: silentLogger(), onListening: onListening)
        } _: { ports in
            let verifier = AccessTokenVerifier(
                identityURL: "http://127.0.0.1:\(ports.inner)", for: .directory, clusterSecret: testSecret,
                logger: silentLogger())
            try await running(verifier) {
                try await eventually("keys are there") { published.requests > 0 ? nil : "none" }
                let unsure = await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
                #expect(unsure?.code == .unavailable)
                #expect(!verifier.isReady)
                list.withLock { $0 = RevocationList(sessions: [someAccount().session], accounts: [], now: .now) }
                try await eventually("it is ready") { verifier.isReady ? nil : "it is not" }
                let refused = await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
                #expect(refused?.code == .unauthenticated)
            }
        }
    }

    @Test("an unknown key makes it look again once, however many ask")
    func unknownKey() async throws {
        let first = try makeSigner()
        let second = try makeSigner()
        let published = KeySet([first.publicKey])
        try await withIdentity(published) { ports in
            let verifier = self.verifier(ports.inner)
            // Not running, so that only tokens make it fetch.
            #expect(try await verifier.verify(first.sign(someAccount())) == someAccount())
            #expect(published.requests == 1)
            published.set([first.publicKey, second.publicKey])
            let token = try await second.sign(someAccount())
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask { _ = try? await verifier.verify(token) }
                }
            }
            // The first fetch was less than ten seconds ago.
            #expect(published.requests == 1)
        }
    }

    @Test("after a rotation the new key is found by the first token that names it")
    func rotation() async throws {
        let first = try makeSigner()
        let second = try makeSigner()
        let published = KeySet([first.publicKey])
        try await withIdentity(published) { ports in
            let verifier = self.verifier(ports.inner, lookAgain: .milliseconds(100))
            #expect(try await verifier.verify(first.sign(someAccount())) == someAccount())
            published.set([second.publicKey])
            try await Task.sleep(for: .milliseconds(150))
            #expect(try await verifier.verify(second.sign(someAccount())) == someAccount())
            let token = try await first.sign(someAccount())
            await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
        }
    }

    @Test("an answer that is no key set leaves the keys as they are")
    func noKeySet() async throws {
        let signer = try makeSigner()
        let published = KeySet([signer.publicKey])
        try await withIdentity(published) { ports in
            let verifier = self.verifier(ports.inner, lookAgain: .zero)
            let token = try await signer.sign(someAccount())
            #expect(try await verifier.verify(token) == someAccount())
            published.set([])
            let stranger = try await makeSigner().sign(someAccount())
            await #expect(throws: ProblemError.self) { try await verifier.verify(stranger) }
            #expect(published.requests == 2)
            #expect(try await verifier.verify(token) == someAccount())
        }
    }

    @Test("50 tokens at once cause one fetch, and all are read")
    func together() async throws {
        let signer = try makeSigner()
        let token = try await signer.sign(someAccount())
        let published = KeySet([signer.publicKey])
        try await withIdentity(published) { ports in
            let verifier = self.verifier(ports.inner)
            let read = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { (try? await verifier.verify(token)) != nil } }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(read == 50)
            #expect(published.requests == 1)
        }
    }

    @Test("identity's own verifier takes the keys that it is given")
    func givenKeys() async throws {
        let signer = try makeSigner()
        let token = try await signer.sign(someAccount())
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        #expect(try await verifier.verify(token) == someAccount())
        let next = try makeSigner()
        await verifier.replaceKeys(KeySetDocument(keys: [next.publicKey]))
        await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
        #expect(try await verifier.verify(next.sign(someAccount())) == someAccount())
    }
}

/// What identity publishes, and how often it was asked.
private final class KeySet: Sendable {
    private let state: Mutex<(keys: [PublicKeyDocument], requests: Int)>

    init(_ keys: [PublicKeyDocument]) {
        state = Mutex((keys, 0))
    }

    var requests: Int { state.withLock { $0.requests } }

    func set(_ keys: [PublicKeyDocument]) {
        state.withLock { $0.keys = keys }
    }

    func answer() throws -> Response {
        let keys = state.withLock { state in
            state.requests += 1
            return state.keys
        }
        return try jsonResponse(KeySetDocument(keys: keys))
    }
}
