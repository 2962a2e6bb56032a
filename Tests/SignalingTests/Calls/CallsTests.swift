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
