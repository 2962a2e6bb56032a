import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Orders to running meetings", .timeLimit(.minutes(1)))
struct MeetingOrdersTests {
    private let rooms = "/api/directory/rooms"

    /// What was said, by level.
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])

        var logger: Logger {
            Logger(label: "test") { _ in Handler(lines: self) }
        }

        func count(_ part: String) -> Int { all.withLock { $0.count { $0.contains(part) } } }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    private func orders(_ directory: Harness, _ lines: Lines, url: String? = nil) -> MeetingOrders {
        MeetingOrders(
            store: RoomStore(pool: directory.pool),
            signaling: SignalingCalls(
                baseURL: url ?? directory.settings.signalingURL, tokens: ServiceTokens(clusterSecret: Harness.secret),
                logger: Harness.quiet), logger: lines.logger)
    }

    @Test(
        "a lock that signaling refuses holds at directory, is told again and again, said in the log, and told in the end"
    )
    func refusedLock() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            let other = try await directory.create(RoomDraft(name: "y"), as: owner)
            directory.signaling.refuseOrders(true)
            for room in [room, other] {
                let answer = try await directory.send(
                    .put, "\(rooms)/\(room.id)/lock", RoomLock(locked: true), as: owner)
                #expect(try answer.decode(as: RoomView.self).locked)
            }
            #expect(directory.signaling.policies(of: room.id).isEmpty)
            // Whoever comes meanwhile brings it along.
            let grant: EntryGrant = try await directory.enter("room").decode()
            #expect(grant.admission == .locked)
            let ticket = try await TicketTokens(clusterSecret: Harness.secret).verify(try #require(grant.ticket)).0
            #expect(ticket.policy?.locked == true)
            let lines = Lines()
            let orders = orders(directory, lines)
            for _ in 1...2 { await orders.catchUp() }
            // One that is refused stops no other.
            #expect(lines.count("warning") == 4)
            #expect(lines.count("\(room.id)") == 2 && lines.count("\(other.id)") == 2)
            let untold = try await RoomStore(pool: directory.pool).untoldPolicies(limit: 10)
            #expect(Set(untold.map(\.id)) == [room.id, other.id])
            directory.signaling.refuseOrders(false)
            for _ in 1...2 { await orders.catchUp() }
            // Directory's own attempts go on beside these.
            #expect(Set(directory.signaling.policies(of: room.id).map(\.locked)) == [true])
            #expect(try await directory.rooms(of: owner).allSatisfy(\.locked))
            #expect(lines.count("warning") == 4)
        }
    }

    @Test("while signaling is away orders wait, of which the last one is told, and it is no warning for each")
    func away() async throws {
        try await Harness.run(isSignalingThere: false) { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            for locked in [true, false, true] {
                let path = "\(rooms)/\(room.id)/lock"
                #expect(try await directory.send(.put, path, RoomLock(locked: locked), as: owner).status == .ok)
            }
            let lines = Lines()
            await orders(directory, lines).catchUp()
            #expect(lines.count("info") == 1 && lines.count("warning") == 0)
            let back = SignalingStandIn()
            try await back.run { port in
                let orders = orders(directory, lines, url: "http://127.0.0.1:\(port)")
                for _ in 1...2 { await orders.catchUp() }
            }
            #expect(back.policies(of: room.id).map(\.locked) == [true])
        }
    }

    @Test(
        "the meeting of a deleted room is ended in the end, though signaling refuses at first; nobody comes in meanwhile"
    )
    func refusedEnd() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            directory.signaling.refuseOrders(true)
            let deleted = try await directory.send(.delete, "\(rooms)/\(room.id)", as: owner, ifMatch: "*")
            #expect(deleted.status == .noContent)
            #expect(try await directory.enter("room", as: owner).problem == "404 room_not_found")
            try await directory.pool.execute("update room_ending set deleted_at = now() - interval '1 minute'")
            let lines = Lines()
            let orders = orders(directory, lines)
            for _ in 1...2 { await orders.catchUp() }
            #expect(lines.count("warning") == 2 && lines.count("\(room.id)") == 2)
            #expect(directory.signaling.ended.isEmpty)
            directory.signaling.refuseOrders(false)
            for _ in 1...2 { await orders.catchUp() }
            #expect(Set(directory.signaling.ended) == ["\(room.id) room_deleted"])
        }
    }
}
