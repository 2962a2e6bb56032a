import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import DirectoryService

@Suite("The end of rooms", .timeLimit(.minutes(1)))
struct AgeTests {
    private func sweeper(_ directory: Harness) -> Sweeper {
        Sweeper(
            ages: RoomAgeStore(pool: directory.pool), budgets: PINBudget(pool: directory.pool),
            audit: AuditStore(pool: directory.pool), graceDays: 90, auditDays: 365, logger: Harness.quiet)
    }

    /// A day goes by, as the database's clock has it.
    private func passDay(_ directory: Harness) async throws {
        try await directory.pool.execute("update sweep_day set began_at = began_at - interval '1 day'")
        await sweeper(directory).sweep()
    }

    @Test("an expired room is removed after the days of grace, with its meeting, and the audit tells")
    func removal() async throws {
        try await Harness.run { directory in
            let owner = someone(permissions: [.createRooms, .administerOrganization])
            let room = try await directory.create(RoomDraft(name: "Old", alias: "old"), as: owner)
            let kept = try await directory.create(RoomDraft(name: "Used", alias: "used"), as: owner)
            try await directory.age(room.id, days: 91)
            await sweeper(directory).sweep()
            for _ in 0..<89 { try await passDay(directory) }
            let shown = try #require(try await directory.rooms(of: owner, "?search=old").first)
            #expect(shown.removedInDays == 1)
            try await passDay(directory)
            #expect(try await directory.rooms(of: owner).map(\.id) == [kept.id])
            #expect(try await RoomStore(pool: directory.pool).endings(olderThan: 0, limit: 10) == [room.id])
            let audit: AuditList = try await directory.send(.get, "/api/directory/audit", as: owner).decode()
            #expect(audit.items.first?.action == "room.removed" && audit.items.first?.subject == "Old")
        }
    }

    @Test("a clock that is set forward by years removes nothing, and rooms live on when it is right again")
    func clockForward() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            // All that the database has is ten years old: the same as a clock that is ten years ahead. The day comes first, because
            // the directory of this test sweeps, too.
            try await directory.pool.execute("update sweep_day set began_at = now() - interval '3650 days'")
            try await directory.pool.execute(
                """
                insert into former_alias (alias, room_id, given_up_at)
                values ('before', \(room.id), now() - interval '3650 days')
                """)
            try await directory.pool.execute(
                """
                insert into meeting (room_id, id, started_at, ended_at, closed_at, has_attendance, is_settled)
                select \(room.id), 'abcdefghijkl', t, t, t, false, true
                from (select now() - interval '3650 days') as long_ago (t)
                """)
            try await directory.age(room.id, days: 3_650)
            for _ in 0..<100 { await sweeper(directory).sweep() }
            let meetings = MeetingStore(pool: directory.pool, days: 90)
            #expect(try await meetings.removeOld() == 0)
            #expect(try await directory.pool.query("select 1 from former_alias").count == 1)
            #expect(try await directory.rooms(of: owner).first?.age == .expired)
            try await directory.age(room.id, days: 1)
            await sweeper(directory).sweep()
            let shown = try #require(try await directory.rooms(of: owner).first)
            #expect(shown.age == .fine && shown.removedInDays == nil)
            #expect(try await directory.enter("room").status == .ok)
            // Days that pass as they should make the clock trusted again.
            for _ in 0..<TrustedClock.pause { try await passDay(directory) }
            #expect(try await meetings.removeOld() == 1)
            #expect(try await directory.pool.query("select 1 from former_alias").isEmpty)
        }
    }

    @Test("a clock that is set back does not stop the days")
    func clockBack() async throws {
        try await Harness.run { directory in
            try await directory.pool.execute("update sweep_day set began_at = now() + interval '300 days'")
            await sweeper(directory).sweep()
            try await passDay(directory)
            let day = try await directory.pool.query("select day from sweep_day").first?.decode("day", as: Int64.self)
            #expect(day == 1)
        }
    }

    @Test("rooms of a disabled organization are not removed: nobody can renew them")
    func disabled() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            try await directory.pool.execute("insert into organization values (\(owner.organization), true, false)")
            try await directory.age(room.id, days: 91)
            for _ in 0..<100 { try await passDay(directory) }
            try await directory.pool.execute("update organization set is_disabled = false")
            await sweeper(directory).sweep()
            #expect(try await directory.rooms(of: owner).first?.removedInDays == 90)
        }
    }

    @Test("a renewed room begins its days of grace anew")
    func renewed() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            try await directory.age(room.id, days: 91)
            await sweeper(directory).sweep()
            for _ in 0..<80 { try await passDay(directory) }
            let path = "/api/directory/rooms/\(room.id)/renew"
            #expect(try await directory.send(.post, path, as: owner).status == .ok)
            try await directory.age(room.id, days: 91)
            for _ in 0..<20 { try await passDay(directory) }
            #expect(try await directory.rooms(of: owner).count == 1)
        }
    }
}
