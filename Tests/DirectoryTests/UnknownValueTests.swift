import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import Testing

@testable import DirectoryService

@Suite("What a newer release has kept", .timeLimit(.minutes(1)))
struct UnknownValueTests {
    private static let newer = """
        {"lobby": "vip", "screenSharing": "presenters", "waitForModerator": "soon", "chat": "everyone", "captions": true}
        """

    @Test("a room with values that are not known is listed, entered and exported; the strictest that are known hold")
    func read() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await newerRoom(of: owner, directory)
            _ = try await directory.create(RoomDraft(name: "y"), as: owner)
            let listed = try await directory.rooms(of: owner)
            let shown = try #require(listed.first { $0.id == room.id })
            #expect(listed.count == 2 && shown.color == .blue)
            #expect(
                shown.options
                    == RoomOptions(
                        lobby: .everyone, waitForModerator: true, screenSharing: .moderators, chat: .everyone))
            let grant: EntryGrant = try await directory.enter("room").decode()
            #expect(grant.admission == .lobby)
            let records = try await OwnerStore(pool: directory.pool).records(
                of: owner.account, in: owner.organization, after: nil)
            #expect(records.rooms.map(\.id).contains(room.id))
        }
    }

    @Test("an edit keeps what it does not know, unless another value is chosen")
    func edit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await newerRoom(of: owner, directory)
            let path = "/api/directory/rooms/\(room.id)"
            let shown: RoomView = try await directory.send(.get, path, as: owner).decode()
            var draft = RoomDraft(name: "z", color: shown.color, options: shown.options)
            draft.options?.chat = .moderators
            #expect(try await directory.send(.put, path, draft, as: owner, ifMatch: "*").status == .ok)
            #expect(
                try await kept(room, directory) == [
                    "vip", "presenters", "soon", "moderators", "true", "ultraviolet", "true",
                ])
            draft.options?.lobby = .nobody
            draft.color = .red
            let changed: RoomView = try await directory.send(.put, path, draft, as: owner, ifMatch: "*").decode()
            #expect(changed.options.lobby == .nobody && changed.color == .red)
            #expect(
                try await kept(room, directory) == [
                    "nobody", "presenters", "soon", "moderators", "true", "red", "true",
                ])
        }
    }

    @Test("it is logged once for each room")
    func logged() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await newerRoom(of: owner, directory)
            _ = try await directory.create(RoomDraft(name: "y"), as: owner)
            let lines = LogLines()
            let logger = Logger(label: "test") { label in
                JSONLogHandler(service: "directory", label: label, level: .trace, write: lines.append)
            }
            let store = RoomStore(pool: directory.pool, unknownValues: UnknownValues(logger: logger))
            for _ in 0..<3 {
                _ = try await store.rooms(of: owner, RoomQuery(limit: 10))
                _ = try await store.room(alias: "room")
            }
            let line = try #require(lines.all.first)
            #expect(lines.all.count == 1 && line.contains(room.id.rawValue))
            #expect(line.contains("options.lobby options.screenSharing options.waitForModerator color"))
        }
    }

    @Test("options that can't be read at all are the strictest", arguments: ["[]", "null", "7", "{\"lobby\": {}}"])
    func unreadable(_ json: String) {
        let stored = StoredOptions(json: json)
        #expect(stored.options.lobby == .everyone && stored.unknown.contains(.lobby))
    }

    private func newerRoom(of owner: AccessClaims, _ directory: Harness) async throws -> RoomView {
        let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
        try await directory.pool.execute(
            "update room set options = \(Self.newer)::jsonb, color = 'ultraviolet' where id = \(room.id)")
        return room
    }

    /// As it is in the database.
    private func kept(_ room: RoomView, _ directory: Harness) async throws -> [String] {
        let rows = try await directory.pool.query(
            """
            select array[options->>'lobby', options->>'screenSharing', options->>'waitForModerator', options->>'chat',
                options->>'captions', color, options->>'keepChat'] as kept from room where id = \(room.id)
            """)
        return try #require(rows.first).decode("kept")
    }
}

private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}
