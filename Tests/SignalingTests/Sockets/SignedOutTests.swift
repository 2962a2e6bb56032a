import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import Synchronization
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("Seats of sessions that have ended", .timeLimit(.minutes(1)))
struct SignedOutTests {
    /// Sessions that identity tells of.
    private final class Ended: Sendable {
        private let sessions = Mutex<[SessionID]>([])

        func end(_ session: SessionID) { sessions.withLock { $0.append(session) } }
        var list: RevocationList { RevocationList(sessions: sessions.withLock { $0 }, accounts: [], now: .now) }
    }

    private static func run(
        redisURL: String? = nil, _ body: @escaping @Sendable (TestCluster, Ended) async throws -> Void
    ) async throws {
        let ended = Ended()
        try await Listener.run(.identity, answers: ["revocations": { try jsonResponse(ended.list) }]) { identity in
            try await TestCluster.run(nodes: 1, redisURL: redisURL, identity: identity.url, redisTimeout: .seconds(5)) {
                cluster in
                try await body(cluster, ended)
            }
        }
    }

    private static func come(_ cluster: TestCluster, _ session: SessionID, waits: Bool = false) async throws
        -> TestPerson
    {
        let person = try await cluster.connect()
        let claims = cluster.claims(name: "Grace", account: "grace", session: session)
        try await person.say(.hello(.init(ticket: try await cluster.ticket(claims), wait: waits)))
        return person
    }

    private static func hears(_ person: TestPerson) async throws {
        let told = try await person.event("session.ended", timeout: .seconds(5)).body(ServerMessage.SessionEnded.self)
        #expect(told.reason == .signedOut)
        #expect(try await person.closeCode() == CloseCode.signedOut.rawValue)
    }

    private static func inside(_ cluster: TestCluster) async throws -> [String] {
        try await cluster.withStore { store, _ in
            try await store.snapshot(cluster.room).participants.map(\.name)
        }
    }

    @Test("who is inside loses the seat, and guests keep theirs")
    func inside() async throws {
        try await Self.run { cluster, ended in
            let grace = try await Self.come(cluster, SessionID("s1"))
            _ = try await grace.welcome()
            _ = try await cluster.enter("Guest")
            ended.end(SessionID("s1"))
            try await Self.hears(grace)
            try await eventually("the seat is free") {
                let names = try await Self.inside(cluster)
                return names == ["Guest"] ? nil : "\(names)"
            }
        }
    }

    @Test("who stands in line leaves it, and is given no seat when one is free")
    func inLine() async throws {
        try await Self.run { cluster, ended in
            let ada = try await cluster.enter("Ada")
            try await cluster.fill(to: Limits.seats - 1)
            let grace = try await Self.come(cluster, SessionID("s1"), waits: true)
            _ = try await grace.event("waiting")
            ended.end(SessionID("s1"))
            try await Self.hears(grace)
            _ = try await ada.ask(.leave)
            let bob = try await cluster.enter("Bob")
            _ = try await bob.welcome()
            #expect(try await Self.inside(cluster).contains("Grace") == false)
        }
    }

    @Test("who is signed out while Redis is slow gets no seat", arguments: [false, true])
    func justAdmitted(resumes: Bool) async throws {
        try await RedisServerProcess.withServer { server in
            try await Self.run(redisURL: server.url) { cluster, ended in
                _ = try await cluster.enter("Guest")
                let first = try await Self.come(cluster, SessionID("s1"))
                let token = try await first.welcome().resumeToken
                if resumes {
                    await first.vanish()
                } else {
                    _ = try await first.ask(.leave)
                }
                // Longer than it takes until the end of the session is told.
                try await cluster.withStore { _, redis in try await redis.send("CLIENT", "PAUSE", 2_500, "ALL") }
                let grace: TestPerson
                if resumes {
                    grace = try await cluster.connect()
                    try await grace.say(.resume(.init(token: token)))
                } else {
                    grace = try await Self.come(cluster, SessionID("s1"))
                }
                ended.end(SessionID("s1"))
                // Or that the seat is gone, if it was given back before it was looked for.
                let code = try await grace.closeCode()
                #expect([CloseCode.signedOut, .refused].map(\.rawValue).contains(code))
                #expect(await !grace.messages.contains { ["welcome", "resumed"].contains($0.type) })
                try await eventually("there is no seat") {
                    let names = try await Self.inside(cluster)
                    return names == ["Guest"] ? nil : "\(names)"
                }
            }
        }
    }
}
