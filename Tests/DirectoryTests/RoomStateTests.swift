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

@Suite("Rooms beside their content", .timeLimit(.minutes(1)))
struct RoomStateTests {
    private let rooms = "/api/directory/rooms"

    private func colleague(of owner: AccessClaims) -> AccessClaims {
        someone(organization: owner.organization.rawValue, permissions: [])
    }

    /// Makes somebody a deputy, without identity.
    private func appoint(_ deputy: AccessClaims, _ room: RoomView, _ directory: Harness) async throws {
        try await directory.pool.execute(
            "insert into room_deputy (room_id, account_id) values (\(room.id), \(deputy.account))")
    }

    @Test("an organizer has one personal room from the beginning, which can be changed and not deleted")
    func personal() async throws {
        try await Harness.run { directory in
            let owner = someone()
            // At once, as several tabs do.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await directory.send(.get, rooms, as: owner) } }
                try await group.waitForAll()
            }
            let list: RoomList = try await directory.send(.get, rooms, as: owner).decode()
            let room = try #require(list.items.first)
            #expect(list.items.count == 1 && room.personal && room.name == owner.displayName)
            let path = "\(rooms)/\(room.id)"
            let deleted = try await directory.send(.delete, path, as: owner, ifMatch: "*")
            #expect(deleted.problem == "409 personal_room")
            let changed = try await directory.send(
                .put, path, RoomDraft(name: "At Ada's", alias: "ada"), as: owner, ifMatch: "\"1\"")
            #expect(changed.status == .ok)
            let again: RoomList = try await directory.send(.get, rooms, as: owner).decode()
            #expect(again.items.map(\.alias) == ["ada"])
            let other: RoomList = try await directory.send(.get, rooms, as: someone(permissions: [])).decode()
            #expect(other.items.isEmpty)
        }
    }

    @Test("a deputy manages and moderates the room, and neither deletes it nor chooses deputies")
    func deputies() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let deputy = colleague(of: owner)
            let room = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            try await appoint(deputy, room, directory)
            let path = "\(rooms)/\(room.id)"
            let seen = try #require(try await directory.rooms(of: deputy).first)
            #expect(seen.access == .deputy && seen.ownerName == owner.displayName && seen.pin == "0042")
            let changed = try await directory.send(
                .put, path, RoomDraft(name: "y", alias: "room", pin: "0042"), as: deputy, ifMatch: "\"1\"")
            #expect(changed.status == .ok)
            #expect(try await directory.send(.delete, path, as: deputy, ifMatch: "*").problem == "403 forbidden")
            let list = DeputyList(deputies: [])
            let set = try await directory.send(.put, "\(path)/deputies", list, as: deputy, ifMatch: "*")
            #expect(set.problem == "403 forbidden")
            let grant: EntryGrant = try await directory.enter("room", EntryRequest(), as: deputy).decode()
            #expect(grant.role == .moderator && grant.admission == .direct)
            // A person with the same account of another organization is somebody else.
            let double = someone(account: deputy.account.rawValue)
            #expect(try await directory.rooms(of: double).isEmpty)
            let removed = try await directory.send(.put, "\(path)/deputies", list, as: owner, ifMatch: "*")
            #expect(removed.status == .ok)
            #expect(try await directory.rooms(of: deputy).isEmpty)
            #expect(try await directory.send(.get, path, as: deputy).problem == "404 room_not_found")
        }
    }

    @Test("a lock holds for the running meeting at once, also when signaling was away, and does not disturb who edits")
    func lock() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let locked: RoomView = try await directory.send(.put, "\(path)/lock", RoomLock(locked: true), as: owner)
                .decode()
            #expect(locked.locked && locked.version == room.version)
            let told = try #require(directory.signaling.policies(of: room.id).last)
            #expect(told.locked && told.version == 2)
            let edited = try await directory.send(.put, path, RoomDraft(name: "y"), as: owner, ifMatch: "\"1\"")
            #expect(edited.status == .ok)
            // As it is when signaling could not be told.
            try await directory.pool.execute("update room set told_policy = 1")
            let orders = MeetingOrders(
                store: RoomStore(pool: directory.pool),
                signaling: SignalingCalls(
                    baseURL: directory.settings.signalingURL, tokens: ServiceTokens(clusterSecret: Harness.secret),
                    logger: Harness.quiet), logger: Harness.quiet)
            let before = directory.signaling.policies(of: room.id).count
            await orders.catchUp()
            await orders.catchUp()
            #expect(directory.signaling.policies(of: room.id).count == before + 1)
        }
    }

    private func tell(
        _ locked: Bool, _ lockVersion: Int, _ number: Int, of room: RoomID, from caller: ServiceName = .signaling,
        _ directory: Harness
    ) async throws -> String {
        let token = try await ServiceTokens(clusterSecret: Harness.secret).issue(from: caller, to: .directory)
        let report = LockReport(locked: locked, lockVersion: lockVersion, number: number)
        return try await directory.inner.executeRequest(
            uri: "/internal/rooms/\(room)/lock", method: .put,
            headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
            body: ByteBuffer(bytes: try WireJSON.encode(report))
        ).problem
    }

    @Test("signaling tells of a lock that moderators set, and is not told of it again")
    func lockFromMeeting() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            #expect(try await tell(true, 1, 1, of: room.id, from: .presence, directory) == "403 forbidden")
            #expect(try await tell(true, 1, 1, of: .random(), directory) == "404 room_not_found")
            #expect(try await tell(true, 1, 1, of: room.id, directory) == "204")
            #expect(try await directory.rooms(of: owner).first?.locked == true)
            #expect(try await RoomStore(pool: directory.pool).untoldPolicies(limit: 10).isEmpty)
        }
    }

    @Test("of the decisions of moderators the last one holds, in whatever order they are told; the owner goes before")
    func lockOrder() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            func locked() async throws -> Bool? { try await directory.rooms(of: owner).first?.locked }
            func version() async throws -> Int { try await policy(of: room, directory).version }
            // What overtook the one before, and that one again and again.
            #expect(try await tell(true, 1, 20, of: room.id, directory) == "204")
            let before = try await version()
            for _ in 1...2 { #expect(try await tell(false, 1, 10, of: room.id, directory) == "204") }
            #expect(try await tell(true, 1, 20, of: room.id, directory) == "204")
            #expect(try await locked() == true)
            let after = try await version()
            #expect(after == before)
            #expect(try await tell(false, 1, 30, of: room.id, directory) == "204")
            #expect(try await locked() == false)
            // The owner says what is so already: that goes before what is on its way.
            let path = "\(rooms)/\(room.id)/lock"
            #expect(try await directory.send(.put, path, RoomLock(locked: false), as: owner).status == .ok)
            let lockVersion = try #require(try await policy(of: room, directory).lockVersion)
            #expect(lockVersion == 2)
            #expect(try await tell(true, 1, 40, of: room.id, directory) == "204")
            #expect(try await locked() == false)
            // Of the meeting that has heard of it, with the smaller number of a Redis that was lost and has a slow clock.
            #expect(try await tell(true, 2, 5, of: room.id, directory) == "204")
            #expect(try await locked() == true)
        }
    }

    @Test("a number from a clock that was far ahead does not shut out those that come later")
    func lockFromTheFuture() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let now = Int(Date.now.timeIntervalSince1970 * 1_000)
            #expect(try await tell(true, 1, now + 90 * 86_400_000, of: room.id, directory) == "204")
            #expect(try await tell(false, 1, now, of: room.id, directory) == "204")
            #expect(try await directory.rooms(of: owner).first?.locked == false)
            #expect(try await tell(true, 1, now - 1, of: room.id, directory) == "204")
            #expect(try await directory.rooms(of: owner).first?.locked == false)
        }
    }

    private func policy(of room: RoomView, _ directory: Harness) async throws -> RoomPolicy {
        let store = RoomStore(pool: directory.pool)
        return try #require(try await store.room(alias: room.alias)).policy
    }

    @Test("an expired room is renewed with the same link, by who manages it")
    func renewal() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            try await directory.age(room.id, days: 77)
            #expect(try await directory.rooms(of: owner).first?.age == .expiring)
            try await directory.age(room.id, days: 200)
            #expect(try await directory.rooms(of: owner).first?.age == .expired)
            let path = "\(rooms)/\(room.id)/renew"
            #expect(try await directory.send(.post, path, as: someone()).problem == "404 room_not_found")
            let renewed: RoomView = try await directory.send(.post, path, as: owner).decode()
            #expect(renewed.age == .fine && renewed.removedInDays == nil && renewed.alias == "room")
            #expect(try await directory.enter("room").status == .ok)
        }
    }

    @Test("everybody has an own order of the rooms that they see")
    func order() async throws {
        try await Harness.run { directory in
            let owner = someone()
            var all: [RoomView] = []
            for name in ["a", "b", "c"] { all.append(try await directory.create(RoomDraft(name: name), as: owner)) }
            let other = try await directory.create(RoomDraft(name: "other"), as: someone())
            let wanted = [all[1].id, other.id, all[2].id, all[1].id]
            let set = try await directory.send(.put, "\(rooms)/order", RoomOrder(rooms: wanted), as: owner)
            #expect(set.status == .noContent)
            let names = try await directory.rooms(of: owner, "?sort=own").map(\.name)
            #expect(names == ["b", "c", "a"])
            let odd = try await directory.send(.put, "\(rooms)/order", RoomOrder(rooms: [RoomID("x")]), as: owner)
            #expect(odd.problem == "400 validation_failed")
        }
    }

    @Test(
        "rooms are found by part of name, alias or description, and sorted, page by page", arguments: RoomSort.allCases)
    func search(sort: RoomSort) async throws {
        try await Harness.run { directory in
            let owner = someone()
            for name in ["Über uns", "zebra", "Apfel", "über alles", "100% _x_"] {
                _ = try await directory.create(RoomDraft(name: name, description: "Team"), as: owner)
            }
            var found: [String] = []
            var query = "?sort=\(sort.rawValue)&limit=2&search=team"
            while true {
                let page: RoomList = try await directory.send(.get, rooms + query, as: owner).decode()
                found += page.items.map(\.name)
                guard let next = page.nextCursor else { break }
                query = "?sort=\(sort.rawValue)&limit=2&search=team&cursor=\(next)"
            }
            #expect(found.count == 5 && Set(found).count == 5)
            if sort == .name { #expect(found == ["100% _x_", "Apfel", "zebra", "über alles", "Über uns"]) }
            #expect(try await directory.rooms(of: owner, "?search=%25").map(\.name) == ["100% _x_"])
            let other = RoomSort.allCases.first { $0 != sort } ?? sort
            let first: RoomList = try await directory.send(.get, "\(rooms)?sort=\(other.rawValue)&limit=1", as: owner)
                .decode()
            let wrong = try await directory.send(
                .get, "\(rooms)?sort=\(sort.rawValue)&cursor=\(first.nextCursor ?? "")", as: owner)
            #expect(wrong.problem == "400 validation_failed")
        }
    }

    @Test("a former alias leads those who manage the room to it, nobody else, and is kept from others")
    func formerAlias() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "before"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let changed = RoomDraft(name: "x", alias: "after")
            #expect(try await directory.send(.put, path, changed, as: owner, ifMatch: "*").status == .ok)
            let grant: EntryGrant = try await directory.enter("before", as: owner).decode()
            #expect(grant.room.alias == "after")
            #expect(try await directory.enter("before").problem == "403 pin_required")
            #expect(try await directory.enter("before", as: someone()).problem == "404 room_not_found")
            let check: AliasCheck = try await directory.send(.get, "/api/directory/aliases/before", as: someone())
                .decode()
            #expect(!check.available)
            let other = someone()
            let taken = try await directory.send(.post, rooms, RoomDraft(name: "y", alias: "before"), as: other)
            #expect(taken.problem == "409 alias_taken")
            // Its own room may take it back.
            let back = RoomDraft(name: "x", alias: "before")
            #expect(try await directory.send(.put, path, back, as: owner, ifMatch: "*").status == .ok)
            try await directory.pool.execute("update former_alias set given_up_at = now() - interval '91 days'")
            let free = try await directory.send(.post, rooms, RoomDraft(name: "y", alias: "after"), as: other)
            #expect(free.status == .created)
        }
    }

    @Test("nobody has more rooms than there can be, also when many are made at once")
    func limit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            try await directory.pool.execute(
                """
                insert into room (id, organization_id, owner_id, name, alias, description, color)
                select gen_random_uuid(), \(owner.organization), \(owner.account), 'x', 'room-' || n, '', 'blue'
                from generate_series(1, \(Limits.roomsPerOwner - 2)) n
                """)
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await directory.send(.post, rooms, RoomDraft(name: "y"), as: owner).problem }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == "201" }.count == 2)
            #expect(answers.filter { $0 == "409 limit_reached" }.count == 4)
        }
    }

    @Test("who edits at the same time loses nothing: one is told that the room was changed")
    func concurrentEdits() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let answers = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for number in 0..<10 {
                    group.addTask {
                        let draft = RoomDraft(name: "name \(number)")
                        let answer = try await directory.send(.put, path, draft, as: owner, ifMatch: "\"1\"")
                        return (draft.name, answer.problem)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let done = answers.filter { $0.1 == "200" }
            #expect(done.count == 1 && answers.filter { $0.1 == "412 precondition_failed" }.count == 9)
            let shown: RoomView = try await directory.send(.get, path, as: owner).decode()
            #expect(shown.name == done.first?.0 && shown.version == 2)
        }
    }
}
