import Foundation
import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import SignalingService

@Suite("What directory and presence are told", .timeLimit(.minutes(1)))
struct CallsTests {
    @Test("signed-in people are reported to presence until they leave, guests never; directory learns of the use")
    func reports() async throws {
        try await Listener.run(.presence, paths: ["meeting-leases", "meeting-leases/release"]) { presence in
            try await Listener.run(.directory, paths: ["rooms/:roomId/use"]) { directory in
                try await TestCluster.run(directory: directory.url, presence: presence.url) { cluster in
                    let ada = try await cluster.enter("Ada", account: "ada")
                    let guest = try await cluster.enter("Guest", node: 1)
                    let welcome = try await ada.welcome()
                    let lease = MeetingLease(
                        participant: welcome.participant, account: AccountID("ada"),
                        organization: OrganizationID("home"))
                    try await eventually("presence knows") {
                        await presence.leases("/internal/meeting-leases") == [lease] ? nil : "it does not"
                    }
                    try await eventually("directory knows") {
                        let uses = await directory.bodies("/internal/rooms/\(cluster.room.rawValue)/use")
                        let meetings = uses.compactMap { try? WireJSON.decoder.decode(RoomUse.self, from: $0).meeting }
                        return meetings.contains(welcome.meeting) ? nil : "\(meetings)"
                    }
                    await ada.vanish()
                    let back = try await cluster.resume(welcome.resumeToken, node: 1)
                    #expect(await presence.leases("/internal/meeting-leases/release").isEmpty)
                    _ = try await guest.ask(.leave)
                    _ = try await back.ask(.leave)
                    try await eventually("presence knows that they have left") {
                        await presence.leases("/internal/meeting-leases/release") == [lease] ? nil : "it does not"
                    }
                    #expect(await presence.leases("/internal/meeting-leases").allSatisfy { $0 == lease })
                }
            }
        }
    }
}

/// The inner listener of another service, which notes what it is told.
private actor Listener {
    let url: String
    private var calls: [(path: String, body: Data)] = []

    private init(url: String) {
        self.url = url
    }

    static func run(
        _ name: ServiceName, paths: [String], _ body: @escaping @Sendable (Listener) async throws -> Void
    ) async throws {
        let (notes, note) = AsyncStream.makeStream(of: (String, Data).self)
        let (listening, opened) = AsyncStream.makeStream(of: ListeningPorts.self)
        var logger = Logger(label: "test.listener")
        logger.logLevel = .critical
        let group = serve(
            ServiceSettings(name: name, clusterSecret: TestCluster.secret),
            publicRouter: makePublicRouter(),
            internalRoutes: { group in
                for path in paths {
                    group.post("\(path)") { request, context -> Response in
                        try context.requireCaller(.signaling)
                        let buffer = try await request.body.collect(upTo: 1 << 20)
                        note.yield((request.uri.path, Data(buffer.readableBytesView)))
                        return emptyResponse()
                    }
                }
            },
            handlesSignals: false, logger: logger, onListening: { opened.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var port = 0
            for await ports in listening {
                port = ports.inner
                break
            }
            let listener = Listener(url: "http://127.0.0.1:\(port)")
            let reading = Task { for await (path, data) in notes { await listener.add(path, data) } }
            defer { reading.cancel() }
            do {
                try await body(listener)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func add(_ path: String, _ data: Data) {
        calls.append((path, data))
    }

    func bodies(_ path: String) -> [Data] { calls.filter { $0.path == path }.map(\.body) }

    func leases(_ path: String) -> [MeetingLease] {
        bodies(path).flatMap { (try? WireJSON.decoder.decode(MeetingLeases.self, from: $0).leases) ?? [] }
    }
}
