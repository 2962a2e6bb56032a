import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("Rooms of an owner", .timeLimit(.minutes(1)))
struct RoomTests {
    private let rooms = "/api/directory/rooms"

    @Test("a room is created with all it can have, and shown to its owner with its PIN")
    func create() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let draft = RoomDraft(
                name: " Weekly ", alias: "Weekly-1", description: "All\r\nof us", color: .teal, pin: "0042")
            let answer = try await directory.send(.post, rooms, draft, as: owner)
            let room: RoomView = try answer.decode(.created)
            #expect(room.name == "Weekly")
            #expect(room.alias == "weekly-1")
            #expect(room.description == "All\nof us")
            #expect(room.color == .teal)
            #expect(room.pin == "0042")
            #expect(room.version == 1)
            #expect(room.occupancy == 0)
            #expect(abs(room.expiresAt.timeIntervalSince(room.lastUsedAt) - 90 * 86_400) < 1)
            #expect(answer.headers[.eTag] == "\"1\"")
            #expect(answer.headers[.location] == "\(rooms)/\(room.id)")
            let shown: RoomView = try await directory.send(.get, "\(rooms)/\(room.id)", as: owner).decode()
            #expect(shown == room)
        }
    }

    @Test("without an alias the room gets one that nobody can guess")
    func generatedAlias() async throws {
        try await Harness.run { directory in
            let room = try await directory.create(RoomDraft(name: "x"), as: someone())
            #expect(room.alias.count == 23)
            #expect(room.color == .blue)
            #expect(room.pin == nil)
        }
    }

    @Test("a PIN does not stand in the database in clear")
    func encryptedPIN() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", pin: "4711081599"), as: someone())
            let rows = try await directory.pool.query("select pin, room::text as everything from room")
            let row = try #require(rows.first)
            #expect(!(try row.decode("everything", as: String.self).contains("4711081599")))
            #expect(!String(decoding: try row.decode("pin", as: [UInt8].self), as: UTF8.self).contains("4711081599"))
        }
    }

    @Test("creating needs the permission, and everything needs an account")
    func permissions() async throws {
        try await Harness.run { directory in
            let draft = RoomDraft(name: "x")
            #expect(try await directory.send(.post, rooms, draft).problem == "401 unauthenticated")
            let guest = someone(permissions: [])
            #expect(try await directory.send(.post, rooms, draft, as: guest).problem == "403 forbidden")
            #expect(try await directory.send(.get, rooms, as: guest).status == .ok)
            let asked = try await directory.send(.get, "/api/directory/aliases/abc", as: guest)
            #expect(asked.status == .ok)
            for path in [rooms, "\(rooms)/\(newID())", "/api/directory/aliases/abc"] {
                #expect(try await directory.send(.get, path).problem == "401 unauthenticated")
            }
            #expect(try await directory.send(.delete, "\(rooms)/\(newID())").problem == "401 unauthenticated")
            let count = try await directory.pool.query("select 1 from room").count
            #expect(count == 0)
        }
    }

    @Test("nobody sees or does anything with the room of another person or organization")
    func isolation() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", pin: "1234"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let strangers = [
                someone(), someone(organization: owner.organization.rawValue),
                someone(account: owner.account.rawValue),
                someone(permissions: Permission.allCases),
            ]
            for stranger in strangers {
                let answers = [
                    try await directory.send(.get, path, as: stranger),
                    try await directory.send(.put, path, RoomDraft(name: "y"), as: stranger, ifMatch: "*"),
                    try await directory.send(.delete, path, as: stranger, ifMatch: "*"),
                ]
                #expect(answers.map(\.problem) == Array(repeating: "404 room_not_found", count: 3))
                #expect(try await directory.rooms(of: stranger).isEmpty)
            }
            let shown: RoomView = try await directory.send(.get, path, as: owner).decode()
            #expect(shown == room)
            #expect(directory.signaling.ended.isEmpty)
        }
    }

    @Test("a list comes in pages, newest first, without gaps or doubles")
    func pages() async throws {
        try await Harness.run { directory in
            let owner = someone()
            for number in 0..<7 { _ = try await directory.create(RoomDraft(name: "Room \(number)"), as: owner) }
            // The same moment for some of them: then the id decides.
            try await directory.pool.execute(
                "update room set created_at = '2026-01-02 03:04:05.678901' where name < 'Room 4'")
            var names: [String] = []
            var query = "?limit=2"
            for _ in 0..<5 {
                let page: RoomList = try await directory.send(.get, rooms + query, as: owner).decode()
                names += page.items.map(\.name)
                guard let cursor = page.nextCursor else { break }
                query = "?limit=2&cursor=\(cursor)"
            }
            // The newest is the personal room, which was made when the list was asked for.
            #expect(names.prefix(4) == ["Ada Lovelace", "Room 6", "Room 5", "Room 4"])
            #expect(Set(names).count == 8 && names.count == 8)
            for odd in ["?limit=0", "?limit=101", "?limit=x", "?cursor=x"] {
                #expect(try await directory.send(.get, rooms + odd, as: owner).problem == "400 validation_failed")
            }
        }
    }

    @Test("every field that can't be accepted is told, and nothing is created")
    func validation() async throws {
        try await Harness.run { directory in
            let draft = RoomDraft(name: "", alias: "a b c", description: "\u{0}", pin: "123")
            let answer = try await directory.send(.post, rooms, draft, as: someone())
            #expect(answer.problem == "400 validation_failed")
            #expect(
                answer.fields == [
                    .init("name", .missing), .init("alias", .badFormat), .init("description", .badFormat),
                    .init("pin", .tooShort),
                ])
            let count = try await directory.pool.query("select 1 from room").count
            #expect(count == 0)
        }
    }

    @Test("an edit needs the version that was seen, and of two at once one wins")
    func edit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(
                RoomDraft(name: "x", alias: "first", description: "d", color: .red, pin: "1234"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let draft = RoomDraft(name: "y")
            #expect(try await directory.send(.put, path, draft, as: owner).problem == "428 precondition_required")
            let stale = try await directory.send(.put, path, draft, as: owner, ifMatch: "\"7\"")
            #expect(stale.problem == "412 precondition_failed")
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await directory.send(.put, path, draft, as: owner, ifMatch: "\"1\"").problem }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.sorted() == ["200"] + Array(repeating: "412 precondition_failed", count: 3))
            let changed: RoomView = try await directory.send(.get, path, as: owner).decode()
            #expect(changed.version == 2)
            #expect(changed.name == "y")
            #expect(changed.alias == "first")
            #expect(changed.color == .red)
            #expect(changed.description == "")
            #expect(changed.pin == nil)
            #expect(changed.updatedAt >= room.updatedAt)
            #expect(changed.lastUsedAt == room.lastUsedAt)
        }
    }

    @Test("an alias belongs to one room, also when many ask at once, and after deletion its owner may take it again")
    func aliases() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let draft = RoomDraft(name: "x", alias: "the-one")
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<5 {
                    group.addTask { try await directory.send(.post, rooms, draft, as: someone()).problem }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.sorted() == ["201"] + Array(repeating: "409 alias_taken", count: 4))
            let other = try await directory.create(RoomDraft(name: "y", alias: "other-one"), as: owner)
            let path = "\(rooms)/\(other.id)"
            let taken = try await directory.send(.put, path, draft, as: owner, ifMatch: "\"1\"")
            #expect(taken.problem == "409 alias_taken")
            #expect(taken.fields == [.init("alias", .taken)])
            #expect(
                try await check("Other-One", directory, owner)
                    == .init(alias: "other-one", available: false, reason: .taken))
            #expect(try await directory.send(.delete, path, as: owner, ifMatch: "\"1\"").status == .noContent)
            #expect(try await check("other-one", directory, owner) == .init(alias: "other-one", available: true))
            #expect(
                try await check("a%20b%20c", directory, owner)
                    == .init(alias: "a b c", available: false, reason: .badFormat))
            _ = try await directory.create(RoomDraft(name: "z", alias: "other-one"), as: owner)
        }
    }

    @Test("whoever asks about too many aliases has to wait, and others go on")
    func aliasChecks() async throws {
        try await Harness.run { directory in
            let (eager, calm) = (someone(), someone())
            let checks = RoomRoutes.aliasChecks(redis: directory.redis, keyPrefix: directory.settings.redisKeyPrefix)
            for _ in 1..<RoomRoutes.aliasCheckLimit { _ = try await checks.hit(eager.account.rawValue) }
            #expect(try await check("alias", directory, eager).available)
            let refused = try await directory.send(.get, "/api/directory/aliases/alias", as: eager)
            #expect(refused.problem == "429 too_many_requests")
            let seconds = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            #expect(try await check("alias", directory, calm).available)
        }
    }

    @Test("deletion needs the version that was seen")
    func deletion() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let path = "\(rooms)/\(room.id)"
            #expect(try await directory.send(.delete, path, as: owner).problem == "428 precondition_required")
            let stale = try await directory.send(.delete, path, as: owner, ifMatch: "\"2\"")
            #expect(stale.problem == "412 precondition_failed")
            #expect(try await directory.send(.delete, path, as: owner, ifMatch: "\"1\"").status == .noContent)
            let again = try await directory.send(.delete, path, as: owner, ifMatch: "\"1\"")
            #expect(again.problem == "404 room_not_found")
            #expect(try await directory.send(.get, path, as: owner).problem == "404 room_not_found")
            #expect(try await directory.send(.get, "\(rooms)/x", as: owner).problem == "404 room_not_found")
        }
    }

    private func check(_ alias: String, _ directory: Harness, _ account: AccessClaims) async throws -> AliasCheck {
        try await directory.send(.get, "/api/directory/aliases/\(alias)", as: account).decode()
    }
}
