import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("What holds in a room", .timeLimit(.minutes(1)))
struct PolicyTests {
    private static func put(_ cluster: TestCluster, _ policy: RoomPolicy) async throws {
        try await cluster.inner.put("/internal/rooms/\(cluster.room.rawValue)/policy", policy)
    }

    @Test("chat and screens only for moderators are held to by the server")
    func forbidden() async throws {
        let policy = SeatLobbyTests.policy {
            $0.chat = .moderators
            $0.screenSharing = .moderators
        }
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(policy)
            let gina = try await cluster.knock("Gina", policy: policy, node: 1)
            #expect(try await gina.welcome().policy == policy)
            #expect(try await gina.ask(.sendChat(.init(text: "hello"))).failure?.code == .forbidden)
            #expect(try await gina.ask(.updateParticipant(.init(screen: true))).failure?.code == .forbidden)
            #expect(try await gina.ask(.updateParticipant(.init(camera: true))).reply != nil)
            #expect(try await mod.ask(.sendChat(.init(text: "welcome"))).reply?.seq != nil)
            #expect(try await mod.ask(.updateParticipant(.init(screen: true))).reply != nil)
            let seen = try await gina.event("updated") { $0.participant?.state.screen == true }
            #expect(seen.participant?.name == "Mod")
        }
    }

    @Test("a policy that changes holds at once at all nodes, and ends screens that it does not allow")
    func change() async throws {
        try await TestCluster.run { cluster in
            _ = try await cluster.moderator(SeatLobbyTests.policy(1))
            let gina = try await cluster.knock("Gina", policy: SeatLobbyTests.policy(1), node: 1)
            try await gina.welcome()
            #expect(try await gina.ask(.updateParticipant(.init(screen: true))).reply != nil)
            let newer = SeatLobbyTests.policy(2) {
                $0.screenSharing = .moderators
                $0.chat = .moderators
            }
            try await Self.put(cluster, newer)
            let told = try await gina.event("room").body(RoomEvent.Room.self)
            #expect(told == .init(policy: newer, locked: false))
            _ = try await gina.event("updated") { $0.participant?.state.screen == false }
            #expect(try await gina.ask(.sendChat(.init(text: "hello"))).failure?.code == .forbidden)
            // What comes late changes nothing.
            try await Self.put(cluster, SeatLobbyTests.policy(1))
            try await Self.put(cluster, SeatLobbyTests.policy(3))
            _ = try await gina.event("room") { (try? $0.body(RoomEvent.Room.self))?.policy?.version == 3 }
            #expect(try await gina.ask(.sendChat(.init(text: "hello"))).reply != nil)
            let versions = await gina.messages.filter { $0.type == "room" }
                .map { (try? $0.body(RoomEvent.Room.self))?.policy?.version }
            #expect(versions == [2, 3])
            let seqs = await gina.seqs
            #expect(zip(seqs, seqs.dropFirst()).allSatisfy { $0 + 1 == $1 })
        }
    }

    @Test("a policy for a room where nobody is does no harm, and holds for the next meeting")
    func noMeeting() async throws {
        try await TestCluster.run { cluster in
            let policy = SeatLobbyTests.policy(2, locked: true)
            try await Self.put(cluster, policy)
            let gina = try await cluster.knock("Gina", policy: SeatLobbyTests.policy(1))
            try await gina.waits(for: .locked)
            try await Self.put(cluster, SeatLobbyTests.policy(3))
            #expect(try await gina.welcome().policy == SeatLobbyTests.policy(3))
        }
    }

    @Test("everybody comes in as a moderator where the room says so, and has to be admitted all the same")
    func everyoneModerates() async throws {
        let open = SeatLobbyTests.policy { $0.everyoneModerates = true }
        let guarded = SeatLobbyTests.policy(2) {
            $0.everyoneModerates = true
            $0.lobby = .guests
        }
        try await TestCluster.run { cluster in
            let ada = try await cluster.knock("Ada", policy: open)
            #expect(try await ada.welcome().participants.map(\.role) == [.moderator])
            try await Self.put(cluster, guarded)
            _ = try await ada.event("room")
            // The older ticket is no way around it.
            let gina = try await cluster.knock("Gina", policy: open, node: 1)
            try await gina.waits(for: .lobby)
            try await ada.lobby(["Gina"])
            #expect(try await ada.ask(.admit(.init())).reply != nil)
            #expect(try await gina.welcome().participants.allSatisfy { $0.role == .moderator })
        }
    }

    @Test("who is inside moderates from the moment at which all do, at every node, and not longer than that")
    func everyoneInside() async throws {
        let guarded = SeatLobbyTests.policy(1) { $0.lobby = .guests }
        @Sendable func changed(_ version: Int, everyone: Bool) -> RoomPolicy {
            SeatLobbyTests.policy(version) {
                $0.lobby = .guests
                $0.everyoneModerates = everyone
                $0.screenSharing = .moderators
            }
        }
        try await TestCluster.run { cluster in
            let mod = try await cluster.moderator(guarded)
            let colleague = try await cluster.knock("Carl", policy: guarded, node: 1, colleague: true)
            let id = try await colleague.welcome().participant
            let gina = try await cluster.knock("Gina", policy: guarded)
            try await gina.waits(for: .lobby)
            #expect(try await colleague.ask(.lockRoom(.init(locked: true))).failure?.code == .forbidden)
            try await Self.put(cluster, changed(2, everyone: true))
            for person in [mod, colleague] {
                _ = try await person.event("updated") { $0.participant?.id == id && $0.participant?.role == .moderator }
            }
            try await colleague.lobby(["Gina"])
            #expect(try await colleague.ask(.updateParticipant(.init(screen: true))).reply != nil)
            #expect(try await colleague.ask(.lockRoom(.init(locked: true))).reply != nil)
            try await Self.put(cluster, changed(3, everyone: false))
            for person in [mod, colleague] {
                _ = try await person.event("updated") {
                    $0.participant?.id == id && $0.participant?.role == .participant
                        && $0.participant?.state.screen == false
                }
            }
            #expect(try await colleague.ask(.lockRoom(.init(locked: false))).failure?.code == .forbidden)
            #expect(try await colleague.ask(.updateParticipant(.init(screen: true))).failure?.code == .forbidden)
            // To the moderator it was given.
            #expect(try await mod.ask(.lockRoom(.init(locked: false))).reply != nil)
            let roles = await mod.messages.compactMap(\.participant).filter { $0.name == "Mod" }.map(\.role)
            #expect(roles.allSatisfy { $0 == .moderator })
        }
    }

    @Test("microphones are off at entry where the room says so")
    func muteOnJoining() async throws {
        let policy = SeatLobbyTests.policy { $0.muteOnJoining = true }
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.knock("Ada", policy: policy, microphone: true)
            #expect(try await ada.welcome().participants.map(\.state.microphone) == [false])
            // It is not forbidden to turn it on.
            #expect(try await ada.ask(.updateParticipant(.init(microphone: true))).reply != nil)
            let usual = try await cluster.knock("Bob", policy: nil, microphone: true)
            let bob = try await usual.welcome()
            #expect(bob.participants.last?.state.microphone == false)
        }
    }

    @Test("occupancy tells what decides how somebody comes in, for rooms where a meeting runs")
    func occupancy() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let empty = newRoom()
            func view() async throws -> OccupancyView {
                let query = OccupancyQuery(rooms: [cluster.room, empty])
                return try await cluster.inner.post("/internal/occupancy", query, as: OccupancyView.self)
            }
            #expect(try await view().rooms == [:])
            _ = try await cluster.moderator(SeatLobbyTests.policy(locked: true))
            let running = try await view()
            #expect(running.occupancy == [cluster.room.rawValue: 1, empty.rawValue: 0])
            #expect(running.rooms == [cluster.room.rawValue: RunningRoom(locked: true, moderated: true)])
        }
    }
}
