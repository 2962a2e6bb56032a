import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Bans", .timeLimit(.minutes(1)))
struct BanTests {
    @Test("a banned account stays out until the ban is lifted, and only of this room")
    func account() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            _ = try await directory.create(RoomDraft(name: "y", alias: "other"), as: owner)
            let person = someone(organization: owner.organization.rawValue, permissions: [])
            #expect(try await ban(.init(name: "Eve", account: person.account), room, directory) == "204")
            #expect(try await directory.enter("room", as: person).problem == "403 banned")
            #expect(try await directory.enter("room", EntryRequest(check: true), as: person).problem == "403 banned")
            #expect(try await directory.enter("other", as: person).status == .ok)
            #expect(try await directory.enter("room").status == .ok)
            #expect(try await directory.enter("room", as: someone(permissions: [])).status == .ok)
            try await directory.pool.execute("update ban set banned_at = now() - interval '400 days'")
            await directory.sweep()
            #expect(try await directory.enter("room", as: person).problem == "403 banned")
            let item = try #require(try await list(room, owner, directory).first)
            #expect(item.name == "Eve" && item.bannedBy == "Ada" && !item.guest && item.until == nil)
            let path = "/api/directory/rooms/\(room.id)/bans/\(item.id)"
            #expect(try await directory.send(.delete, path, as: owner).status == .noContent)
            #expect(try await directory.send(.delete, path, as: owner).problem == "404 not_found")
            #expect(try await directory.enter("room", as: person).status == .ok)
        }
    }

    @Test("a ban of a guest keeps guests from there out for a day, and nobody who has signed in")
    func guest() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            for source in ["203.0.113.7", clientSource("2001:db8:1:2::1")] {
                #expect(try await ban(.init(name: "Eve", source: source), room, directory) == "204")
            }
            for source in ["203.0.113.7", "2001:db8:1:2:3::4"] {
                #expect(try await directory.enter("room", source: source).problem == "403 banned")
                let person = someone(permissions: [])
                #expect(try await directory.enter("room", as: person, source: source).status == .ok)
                #expect(try await directory.enter("room", as: owner, source: source).status == .ok)
            }
            for source in ["203.0.113.8", "2001:db8:1:3::1"] {
                #expect(try await directory.enter("room", source: source).status == .ok)
            }
            let until = try #require(try await list(room, owner, directory).first?.until)
            #expect(abs(until.timeIntervalSinceNow - 24 * 3_600) < 60)
            try await directory.pool.execute("update ban set until = now()")
            #expect(try await directory.enter("room", source: "203.0.113.7").status == .ok)
            #expect(try await list(room, owner, directory).isEmpty)
            await directory.sweep()
            let rows = try await directory.pool.query("select 1 from ban")
            #expect(rows.isEmpty)
        }
    }

    @Test("who is banned with an account does not come back as a guest, and colleagues at the same address do")
    func accountAndGuest() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            func colleague() -> AccessClaims { someone(organization: owner.organization.rawValue, permissions: []) }
            let person = colleague()
            let banned = Banned(name: "Eve", account: person.account, source: clientSource("2001:db8:1:2::1"))
            #expect(try await ban(banned, room, directory) == "204")
            let source = "2001:db8:1:2:3::4"
            #expect(try await directory.enter("room", as: person, source: source).problem == "403 banned")
            #expect(try await directory.enter("room", as: person, source: "203.0.113.8").problem == "403 banned")
            #expect(try await directory.enter("room", source: source).problem == "403 banned")
            #expect(try await directory.enter("room", source: "2001:db8:1:3::1").status == .ok)
            for other in [colleague(), owner, someone(permissions: [])] {
                #expect(try await directory.enter("room", as: other, source: source).status == .ok)
            }
            // A guest of the same source is banned besides, and the account again, without one.
            let guest = Banned(name: "Mallory", source: clientSource("2001:db8:1:2::1"))
            #expect(try await ban(guest, room, directory) == "204")
            #expect(
                try await ban(.init(name: "Eva", account: person.account, source: "unknown"), room, directory) == "204")
            let items = try await list(room, owner, directory)
            #expect(Set(items.map(\.name)) == ["Mallory", "Eva"])
            for item in items {
                #expect(item.guest == (item.until != nil))
                #expect(try await directory.enter("room", source: source).problem == "403 banned")
                let path = "/api/directory/rooms/\(room.id)/bans/\(item.id)"
                #expect(try await directory.send(.delete, path, as: owner).status == .noContent)
            }
            #expect(try await directory.enter("room", source: source).status == .ok)
            #expect(try await directory.enter("room", as: person, source: source).status == .ok)
        }
    }

    @Test(
        "guests from where a banned account came from come in after a day, the account does not, and the place is forgotten"
    )
    func accountAfterADay() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            let person = someone(permissions: [])
            let banned = Banned(name: "Eve", account: person.account, source: "203.0.113.7")
            #expect(try await ban(banned, room, directory) == "204")
            let ends = try await directory.pool.query(
                "select 1 from ban where guest_until between now() + interval '23 hours' and now() + interval '24 hours'"
            )
            #expect(ends.count == 1)
            try await directory.pool.execute("update ban set guest_until = now()")
            #expect(try await directory.enter("room", source: "203.0.113.7").status == .ok)
            await directory.sweep()
            let kept = try await directory.pool.query("select 1 from ban where guest_source is null")
            #expect(kept.count == 1)
            #expect(try await directory.enter("room", as: person, source: "203.0.113.7").problem == "403 banned")
        }
    }

    @Test("that somebody is banned is told only to who has the PIN")
    func pin() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            #expect(try await ban(.init(name: "Eve", source: "203.0.113.7"), room, directory) == "204")
            for (pin, problem) in [("9999", "403 pin_wrong"), ("0042", "403 banned")] {
                let entry = EntryRequest(displayName: "Eve", pin: pin)
                #expect(try await directory.enter("room", entry, source: "203.0.113.7").problem == problem)
            }
        }
    }

    @Test("who manages the room is never kept out of it")
    func owner() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            #expect(try await ban(.init(name: "Ada", account: owner.account), room, directory) == "204")
            #expect(try await directory.enter("room", as: owner).status == .ok)
        }
    }

    @Test("banning again is one ban, which for guests lasts from then on")
    func again() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let person = AccountID(newID())
            for name in ["Eve", "Eva"] {
                #expect(try await ban(.init(name: name, account: person), room, directory) == "204")
                #expect(try await ban(.init(name: name, source: "203.0.113.7"), room, directory) == "204")
                try await directory.pool.execute("update ban set until = until - interval '20 hours'")
            }
            let items = try await list(room, owner, directory)
            #expect(items.map(\.name) == ["Eva", "Eva"])
            #expect(items.compactMap(\.until).allSatisfy { $0.timeIntervalSinceNow > 3 * 3_600 })
        }
    }

    @Test("a room has at most 500 bans, and the oldest of guests go first")
    func limit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            try await directory.pool.execute(
                """
                insert into ban (room_id, name, account_id, banned_by, banned_at)
                select \(room.id), 'old account', gen_random_uuid(), '', now() - interval '9 days'
                from generate_series(1, 100)
                """)
            try await directory.pool.execute(
                """
                insert into ban (room_id, name, source, until, banned_by, banned_at)
                select \(room.id), 'guest ' || n, '10.0.' || n / 250 || '.' || n % 250, now() + interval '1 day', '',
                    now() - make_interval(secs => n)
                from generate_series(1, 400) n
                """)
            for number in 1...3 {
                #expect(try await ban(.init(name: "new", source: "203.0.113.\(number)"), room, directory) == "204")
            }
            let names = try await list(room, owner, directory).map(\.name)
            #expect(names.count == BanStore.most)
            #expect(names.filter { $0 == "new" }.count == 3 && names.filter { $0 == "old account" }.count == 100)
            #expect(names.contains("guest 397") && !names.contains("guest 398"))
        }
    }

    @Test("bans are seen and lifted by who manages the room only, and made by signaling only")
    func isolation() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let report = BanReport(name: "Eve", account: nil, source: "203.0.113.7", by: "Ada", byAccount: nil)
            let inner = "/internal/rooms/\(room.id)/bans"
            #expect(try await directory.tell(inner, report, from: .presence) == "403 forbidden")
            #expect(try await directory.tell(inner, report, from: .signaling) == "204")
            let id = try #require(try await list(room, owner, directory).first?.id)
            let path = "/api/directory/rooms/\(room.id)/bans"
            #expect(try await directory.send(.get, path).problem == "401 unauthenticated")
            for stranger in [someone(), someone(organization: owner.organization.rawValue)] {
                #expect(try await directory.send(.get, path, as: stranger).problem == "404 room_not_found")
                let answer = try await directory.send(.delete, "\(path)/\(id)", as: stranger)
                #expect(answer.problem == "404 room_not_found")
            }
            // Somebody who manages another room.
            let other = someone()
            let own = try await directory.create(RoomDraft(name: "y"), as: other)
            let foreign = "/api/directory/rooms/\(own.id)/bans/\(id)"
            #expect(try await directory.send(.delete, foreign, as: other).problem == "404 not_found")
            #expect(try await list(room, owner, directory).count == 1)
        }
    }

    @Test("a ban of nobody, or of everybody whose address is not known, is refused")
    func odd() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let odd: [Banned] = [
                .init(name: "x"), .init(name: "x", source: "unknown"), .init(name: "x", source: ""),
                .init(name: "x", source: "a b"), .init(name: "x", account: AccountID("ada")),
            ]
            for banned in odd { #expect(try await ban(banned, room, directory) == "400 validation_failed") }
            #expect(try await list(room, owner, directory).isEmpty)
            let path = "/internal/rooms/\(RoomID.random())/bans"
            let report = BanReport(name: "x", account: nil, source: "203.0.113.7", by: "Ada", byAccount: nil)
            #expect(try await directory.tell(path, report, from: .signaling) == "404 room_not_found")
        }
    }

    @Test("who was banned by whom, and who lifted it, stands in the audit")
    func audit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let person = AccountID(newID())
            #expect(try await ban(.init(name: "Eve", account: person), room, directory) == "204")
            let id = try #require(try await list(room, owner, directory).first?.id)
            let path = "/api/directory/rooms/\(room.id)/bans/\(id)"
            #expect(
                try await directory.send(.delete, path, as: owner, source: "203.0.113.9").status == .noContent)
            let entries = try await AuditStore(pool: directory.pool)
                .page(of: owner.organization, before: nil, limit: 100).items
                .filter { $0.action.contains("ban") }
            #expect(entries.map(\.action) == ["room.ban_lifted", "room.person_banned"])
            #expect(entries.map(\.actor) == ["Ada Lovelace", "Ada"])
            #expect(entries.first?.source == "203.0.113.9")
            for entry in entries {
                #expect(entry.detail["name"] == "Eve" && entry.detail["account"] == person.rawValue)
            }
        }
    }

    private struct Banned {
        var name: String
        var account: AccountID?
        var source: String?
    }

    private func ban(_ banned: Banned, _ room: RoomView, _ directory: Harness) async throws -> String {
        let report = BanReport(
            name: banned.name, account: banned.account, source: banned.source, by: "Ada", byAccount: nil)
        return try await directory.tell("/internal/rooms/\(room.id)/bans", report, from: .signaling)
    }

    private func list(_ room: RoomView, _ owner: AccessClaims, _ directory: Harness) async throws -> [BanList.Item] {
        try await directory.send(.get, "/api/directory/rooms/\(room.id)/bans", as: owner).decode(as: BanList.self).items
    }
}
