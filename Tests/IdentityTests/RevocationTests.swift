import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import IdentityService

/// What another service believes, while it asks a second instance of identity.
@Suite("Revocations", .timeLimit(.minutes(1)))
struct RevocationTests {
    private static func run(
        _ body: @Sendable (IdentityBench, AccessTokenVerifier) async throws -> Void
    ) async throws {
        try await IdentityBench.run { bench in
            try await withRunningService { onListening in
                try await buildIdentity(bench.settings, logger: IdentityBench.logger)
                    .serviceGroup(handlesSignals: false, onListening: onListening)
            } _: { ports in
                let verifier = AccessTokenVerifier(
                    identityURL: "http://127.0.0.1:\(ports.inner)", for: .directory,
                    clusterSecret: IdentityBench.clusterSecret, logger: IdentityBench.logger)
                let group = ServiceGroup(services: [verifier], logger: IdentityBench.logger)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    try await eventually("the keys") { verifier.isReady ? nil : "there are none" }
                    try await body(bench, verifier)
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
        }
    }

    private static func refused(_ token: String, _ verifier: AccessTokenVerifier, _ what: String) async throws {
        try await eventually(timeout: .seconds(5), what) {
            do throws(ProblemError) {
                _ = try await verifier.verify(token)
                return "the token is taken"
            } catch {
                return error.code == .unauthenticated ? nil : "\(error)"
            }
        }
    }

    @Test("whatever ends a session, its tokens are worth nothing within 5 s; those of others go on")
    func sessions() async throws {
        try await Self.run { bench, verifier in
            let other = try await bench.token(try await bench.signedIn("max"))
            let cookie = try await bench.signedIn()
            let signedOut = try await bench.token(cookie)
            _ = try await verifier.verify(signedOut)
            _ = try await bench.send(.delete, "session", cookie: cookie)
            try await Self.refused(signedOut, verifier, "signing out")

            let (account, disabled) = try await bench.person("eve", [])
            let settings = bench.settings
            try await Administration.with(settings.database, scryptLogN: 10, logger: IdentityBench.logger) { admin in
                try await admin.change("eve", of: "demo") { $0.isEnabled = false }
            }
            try await Self.refused(disabled, verifier, "disabling the account")
            #expect(try await bench.signIn("eve").code == .accountDisabled)

            let (_, elsewhere) = try await bench.person("carl", [], of: "other")
            try await Administration.with(settings.database, logger: IdentityBench.logger) { admin in
                try await admin.setEnabled("other", false)
                try await admin.change("eve", of: "demo") { $0.isEnabled = true }
            }
            try await Self.refused(elsewhere, verifier, "disabling the organization")

            let token = try await bench.token(try await bench.signedIn("eve"))
            try await Administration.with(settings.database, scryptLogN: 10, logger: IdentityBench.logger) { admin in
                try await admin.delete("eve", of: "demo")
            }
            try await Self.refused(token, verifier, "deleting the account \(account.account)")
            _ = try await verifier.verify(other)
        }
    }

    @Test("other permissions count at once: tokens of before are refused, and a new one says what holds now")
    func permissions() async throws {
        try await Self.run { bench, verifier in
            let cookie = try await bench.signedIn("max")
            let old = try await bench.token(cookie)
            #expect(try await verifier.verify(old).permissions == [])
            try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                try await admin.change("max", of: "demo") { $0.permissions = [.createRooms] }
            }
            let new = try await bench.token(cookie)
            #expect(try await verifier.verify(new).permissions == [.createRooms])
            try await Self.refused(old, verifier, "the token of before")
            #expect(try await verifier.verify(new).permissions == [.createRooms])
            try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                try await admin.change("demo") { $0.roomCreators = .everyone }
            }
            try await Self.refused(new, verifier, "the token of before everyone might")
            try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                try await admin.change("max", of: "demo") { $0.permissions = [] }
            }
            let last = try await bench.token(cookie)
            #expect(try await verifier.verify(last).permissions == [.createRooms])
        }
    }

    @Test(
        "who could not ask for hours learns of all that has ended, and who asks for the first time of what may matter")
    func afterHours() async throws {
        try await IdentityBench.run { bench in
            let store = RevocationStore(pool: bench.pool)
            try await bench.pool.execute(
                "insert into revocation (at, session_id) values (now() - interval '5 hours', gen_random_uuid())")
            try await store.removeOld()
            #expect(try await store.list(since: .now.addingTimeInterval(-6 * 3_600)).sessions.count == 1)
            #expect(try await store.list(since: nil).sessions.isEmpty)
        }
    }

    @Test("a list that is longer than one page is told in several, without a gap, also of sessions that end at once")
    func long() async throws {
        try await IdentityBench.run { bench in
            try await withRunningService { onListening in
                try await buildIdentity(bench.settings, logger: IdentityBench.logger)
                    .serviceGroup(handlesSignals: false, onListening: onListening)
            } _: { ports in
                let client = ServiceClient(
                    from: .signaling, to: .identity, baseURL: "http://127.0.0.1:\(ports.inner)",
                    tokens: ServiceTokens(clusterSecret: IdentityBench.clusterSecret))
                try await bench.pool.execute(
                    """
                    insert into revocation (at, session_id)
                    select now() - interval '20 seconds', gen_random_uuid() from generate_series(1, 25000)
                    """)
                let ended = Mutex<Set<SessionID>>([])
                let revocations = Revocations(client: client, logger: IdentityBench.logger)
                revocations.whenEnded { new in ended.withLock { $0.formUnion(new) } }
                let group = ServiceGroup(services: [revocations], logger: IdentityBench.logger)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    try await eventually("all are told of") {
                        let count = ended.withLock { $0.count }
                        return count == 25_000 ? nil : "\(count)"
                    }
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
        }
    }
}
