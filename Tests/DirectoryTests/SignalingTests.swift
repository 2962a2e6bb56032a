import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Directory and signaling", .timeLimit(.minutes(1)))
struct DirectoryAndSignalingTests {
    private let rooms = "/api/directory/rooms"

    @Test("the list says how many people are in each room")
    func occupancy() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            _ = try await directory.create(RoomDraft(name: "y"), as: owner)
            directory.signaling.set(7, in: room.id)
            #expect(try await directory.rooms(of: owner).map(\.occupancy) == [0, 7])
        }
    }

    @Test("rooms can be managed and entered while signaling is away; then nothing is said about people")
    func away() async throws {
        try await Harness.run(isSignalingThere: false) { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            #expect(room.occupancy == nil)
            #expect(try await directory.rooms(of: owner).map(\.occupancy) == [nil])
            #expect(try await directory.enter("room").status == .ok)
        }
    }

    @Test("deleting a room ends its meeting")
    func deletion() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let answer = try await directory.send(.delete, "\(rooms)/\(room.id)", as: owner, ifMatch: "\"1\"")
            #expect(answer.status == .noContent)
            #expect(directory.signaling.ended == ["\(room.id) room_deleted"])
            let left = try await directory.pool.query("select 1 from room_ending").count
            #expect(left == 0)
        }
    }

    @Test("when signaling was away at the deletion, the meeting is ended as soon as it is back")
    func laterEnding() async throws {
        try await Harness.run(isSignalingThere: false) { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let answer = try await directory.send(.delete, "\(rooms)/\(room.id)", as: owner, ifMatch: "\"1\"")
            #expect(answer.status == .noContent)
            let store = RoomStore(pool: directory.pool)
            let waiting = try await store.endings(olderThan: 0, limit: 10)
            #expect(waiting == [room.id])
            try await directory.pool.execute("update room_ending set deleted_at = now() - interval '1 minute'")
            let back = SignalingStandIn()
            try await back.run { port in
                let calls = SignalingCalls(
                    baseURL: "http://127.0.0.1:\(port)", tokens: ServiceTokens(clusterSecret: Harness.secret),
                    logger: Harness.quiet)
                await MeetingOrders(store: store, signaling: calls, logger: Harness.quiet).catchUp()
            }
            #expect(back.ended == ["\(room.id) room_deleted"])
            let left = try await store.endings(olderThan: 0, limit: 10)
            #expect(left.isEmpty)
        }
    }

    @Test("signaling, and nobody else, moves a room's age to today")
    func use() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            try await directory.age(room.id, days: 80)
            #expect(try await use(room.id, from: nil, directory) == "401 unauthenticated")
            #expect(try await use(room.id, from: .presence, directory) == "403 forbidden")
            #expect(try await use(.random(), from: .signaling, directory) == "404 room_not_found")
            let old: RoomView = try await directory.send(.get, "\(rooms)/\(room.id)", as: owner).decode()
            #expect(old.lastUsedAt.timeIntervalSinceNow < -79 * 86_400)
            #expect(try await use(room.id, from: .signaling, directory) == "204")
            let used: RoomView = try await directory.send(.get, "\(rooms)/\(room.id)", as: owner).decode()
            #expect(abs(used.lastUsedAt.timeIntervalSinceNow) < 60)
            #expect(used.version == 1)
        }
    }

    private func use(_ room: RoomID, from service: ServiceName?, _ directory: Harness) async throws -> String {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let service {
            let token = try await ServiceTokens(clusterSecret: Harness.secret).issue(from: service, to: .directory)
            headers[.authorization] = "Bearer \(token)"
        }
        let report = AttendanceReport(
            meeting: MeetingID("abcdefghijkl"), startedAt: .now,
            present: [.init(participant: ParticipantID("p"), name: "Ada", account: nil, joinedAt: .now)], left: [],
            ended: false)
        let body = ByteBuffer(bytes: try WireJSON.encode(report))
        return try await directory.inner.executeRequest(
            uri: "/internal/rooms/\(room)/attendance", method: .post, headers: headers, body: body
        ).problem
    }
}
