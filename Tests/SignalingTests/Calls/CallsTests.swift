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
    @Test(
        "signed-in people are reported to presence until they leave, guests never, and any process of presence will do",
        arguments: ["", "http://127.0.0.1:9,"])
    func presence(away: String) async throws {
        try await Listener.run(.presence, paths: ["meeting-leases", "meeting-leases/release"]) { presence in
            try await TestCluster.run(presence: away + presence.url) { cluster in
                let ada = try await cluster.enter("Ada", account: "ada")
                let guest = try await cluster.enter("Guest", node: 1)
                let welcome = try await ada.welcome()
                let lease = MeetingLease(
                    participant: welcome.participant, account: AccountID("ada"),
                    organization: OrganizationID("home"))
                try await eventually("presence knows") {
                    await presence.leases("/internal/meeting-leases") == [lease] ? nil : "it does not"
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

    private static let path = "rooms/:roomId/attendance"

    @Test("directory learns from each node who is inside there and who has left, and that the meeting is over")
    func attendance() async throws {
        try await Listener.run(.directory, paths: [Self.path]) { directory in
            try await TestCluster.run(directory: directory.url) { cluster in
                let ada = try await cluster.enter("Ada", account: "ada")
                let guest = try await cluster.enter("Grace", node: 1)
                let (first, second) = (try await ada.welcome(), try await guest.welcome())
                try await eventually("directory knows both") {
                    let names = await directory.reports(cluster.room).flatMap(\.present).map(\.name)
                    return Set(names) == ["Ada", "Grace"] ? nil : "\(names)"
                }
                let reports = await directory.reports(cluster.room)
                #expect(reports.allSatisfy { $0.meeting == first.meeting && $0.left.isEmpty && !$0.ended })
                let known = try #require(reports.flatMap(\.present).first { $0.name == "Ada" })
                #expect(known.participant == first.participant && known.account == AccountID("ada"))
                #expect(abs(known.joinedAt.timeIntervalSinceNow) < 60)
                #expect(reports.allSatisfy { abs($0.startedAt.timeIntervalSinceNow) < 60 })
                _ = try await guest.ask(.leave)
                try await eventually("directory knows that one has left") {
                    await directory.left(cluster.room) == [second.participant] ? nil : "it does not"
                }
                #expect(await directory.reports(cluster.room).allSatisfy { !$0.ended })
                _ = try await ada.ask(.leave)
                try await eventually("directory knows the end") {
                    await directory.reports(cluster.room).contains(where: \.ended) ? nil : "it does not"
                }
                #expect(await directory.left(cluster.room) == [first.participant, second.participant])
            }
        }
    }

    @Test("who moves to another node has not left, and is reported there")
    func moving() async throws {
        try await Listener.run(.directory, paths: [Self.path]) { directory in
            try await TestCluster.run(directory: directory.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let welcome = try await ada.welcome()
                try await eventually("directory knows") {
                    await directory.reports(cluster.room).isEmpty ? "it does not" : nil
                }
                await ada.vanish()
                let before = await directory.reports(cluster.room).count
                let back = try await cluster.resume(welcome.resumeToken, node: 1)
                try await eventually("the other node reports") {
                    await directory.reports(cluster.room).dropFirst(before).contains {
                        $0.present.map(\.participant) == [welcome.participant]
                    } ? nil : "it does not"
                }
                #expect(await directory.left(cluster.room).isEmpty)
                _ = try await back.ask(.leave)
                try await eventually("directory knows that she has left") {
                    await directory.left(cluster.room) == [welcome.participant] ? nil : "it does not"
                }
            }
        }
    }

    @Test("who came and went while directory was away is reported afterwards, with the name")
    func away() async throws {
        try await Listener.run(.directory, paths: [Self.path], refusals: 2) { directory in
            try await TestCluster.run(nodes: 1, directory: directory.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let id = try await ada.welcome().participant
                let before = Date.now
                _ = try await ada.ask(.leave)
                let after = Date.now
                try await eventually(timeout: .seconds(20), "directory knows") {
                    let reports = await directory.reports(cluster.room)
                    return reports.contains {
                        $0.present.map(\.name) == ["Ada"] && $0.left.map(\.participant) == [id] && $0.ended
                    } ? nil : "\(reports)"
                }
                // With the time at which she left. It is written in milliseconds.
                for leaving in await directory.reports(cluster.room).flatMap(\.left) {
                    #expect(leaving.at > before - 0.002 && leaving.at < after + 0.002)
                }
            }
        }
    }

    @Test("another name is in the list of attendance")
    func otherName() async throws {
        try await Listener.run(.directory, paths: [Self.path]) { directory in
            try await TestCluster.run(nodes: 1, directory: directory.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let id = try await ada.welcome().participant
                try await eventually("directory knows her") {
                    await directory.reports(cluster.room).isEmpty ? "it does not" : nil
                }
                #expect(try await ada.ask(.updateParticipant(.init(name: "Countess"))).reply != nil)
                try await eventually("directory knows the name") {
                    let last = await directory.reports(cluster.room).last?.present
                    return last?.map(\.name) == ["Countess"] && last?.first?.participant == id ? nil : "\(last ?? [])"
                }
                #expect(await directory.left(cluster.room).isEmpty)
            }
        }
    }

    @Test("a process that stops tells first who has left it")
    func stopping() async throws {
        try await Listener.run(.directory, paths: [Self.path]) { directory in
            let room = try await withRoom { room in
                try await TestCluster.run(nodes: 1, directory: directory.url) { cluster in
                    let ada = try await cluster.enter("Ada")
                    _ = try await ada.ask(.leave)
                    room(cluster.room)
                }
            }
            try await eventually("directory knows") {
                await directory.left(room).isEmpty ? "it does not" : nil
            }
        }
    }

    /// Brings the room out of the closure that has the cluster.
    private func withRoom(_ body: (@escaping @Sendable (RoomID) -> Void) async throws -> Void) async throws -> RoomID {
        let (rooms, room) = AsyncStream.makeStream(of: RoomID.self)
        try await body { room.yield($0) }
        room.finish()
        for await found in rooms { return found }
        return RoomID("")
    }
}

extension Listener {
    fileprivate func reports(_ room: RoomID) -> [AttendanceReport] {
        bodies("/internal/rooms/\(room)/attendance")
            .compactMap { try? WireJSON.decoder.decode(AttendanceReport.self, from: $0) }
    }

    fileprivate func left(_ room: RoomID) -> Set<ParticipantID> {
        Set(reports(room).flatMap(\.left).map(\.participant))
    }
}
