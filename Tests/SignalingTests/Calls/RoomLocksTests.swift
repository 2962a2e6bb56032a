import Foundation
import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import SignalingService

@Suite("What directory is told of locks", .timeLimit(.minutes(1)))
struct RoomLocksTests {
    private static let path = "rooms/:roomId/lock"

    private func locks(_ directory: String, pauses: [Duration], farewell: Duration = .seconds(3)) -> RoomLocks {
        let tokens = ServiceTokens(clusterSecret: TestCluster.secret)
        return RoomLocks(
            client: ServiceClient(from: .signaling, to: .directory, baseURL: directory, tokens: tokens),
            pauses: pauses, farewell: farewell, logger: Logger(label: "locks") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs it until `body` is over, and through its orderly end.
    private func running(_ locks: RoomLocks, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(services: [locks], logger: Logger(label: "locks") { _ in SwiftLogNoOpLogHandler() }))
        let work = Task { try await group.run() }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await work.value
    }

    @Test("of two decisions the later one is told, in whatever order the answers of Redis were read")
    func newest() async throws {
        let room = newRoom()
        let later = LockReport(locked: false, lockVersion: 1, number: 7)
        try await Listener.run(.directory, puts: [Self.path]) { directory in
            let locks = locks(directory.url, pauses: [.zero])
            locks.note(room, later)
            locks.note(room, LockReport(locked: true, lockVersion: 1, number: 6))
            try await running(locks) {
                try await eventually("it is told") {
                    await directory.locks(room).isEmpty ? "nothing" : nil
                }
            }
            #expect(await directory.locks(room) == [later])
        }
    }

    @Test("what was decided at two nodes by turns is told with numbers in the order of the decisions")
    func twoNodes() async throws {
        try await Listener.run(.directory, puts: [Self.path]) { directory in
            try await TestCluster.run(directory: directory.url) { cluster in
                let people = [
                    try await cluster.enter("Mod", role: .moderator),
                    try await cluster.enter("Other", node: 1, role: .moderator),
                ]
                // Only the last decision says so, so that no other one may be taken for it.
                for turn in 0..<6 {
                    #expect(try await people[turn % 2].ask(.lockRoom(.init(locked: false))).reply != nil)
                }
                #expect(try await people[1].ask(.lockRoom(.init(locked: true))).reply != nil)
                try await eventually("directory knows the last one") {
                    let reports = await directory.locks(cluster.room)
                    return reports.max()?.locked == true ? nil : "\(reports)"
                }
                let numbers = await directory.locks(cluster.room).map(\.number)
                #expect(Set(numbers).count == numbers.count)
            }
        }
    }

    @Test("a process that stops tells first of the locks that directory has not taken yet")
    func stopping() async throws {
        try await Listener.run(.directory, puts: [Self.path], refusals: 1) { directory in
            let room = newRoom()
            // The pause after the first attempt is longer than the test.
            let locks = locks(directory.url, pauses: [.zero, .seconds(600)])
            try await running(locks) {
                locks.note(room, LockReport(locked: true, lockVersion: 1, number: 1))
                try await eventually("the first attempt") { directory.refusalsLeft > 0 ? "not made" : nil }
            }
            try await eventually("directory knows") {
                await directory.locks(room).map(\.locked) == [true] ? nil : "it does not"
            }
        }
    }

    @Test("a process whose directory takes nothing ends all the same")
    func directoryRefuses() async throws {
        let refusals = 1_000_000
        try await Listener.run(.directory, puts: [Self.path], refusals: refusals) { directory in
            let locks = locks(directory.url, pauses: [.zero, .seconds(600)], farewell: .milliseconds(500))
            try await running(locks) {
                for _ in 1...20 { locks.note(newRoom(), LockReport(locked: true, lockVersion: 1, number: 1)) }
                try await eventually("the first attempts") {
                    directory.refusalsLeft <= refusals - 20 ? nil : "not all"
                }
            }
            #expect(directory.refusalsLeft < refusals - 20)
        }
    }
}

extension Listener {
    fileprivate func locks(_ room: RoomID) -> [LockReport] {
        bodies("/internal/rooms/\(room.rawValue)/lock")
            .compactMap { try? WireJSON.decoder.decode(LockReport.self, from: $0) }
    }
}
