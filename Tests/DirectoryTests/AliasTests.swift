import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Aliases", .timeLimit(.minutes(1)))
struct AliasTests {
    private let rooms = "/api/directory/rooms"

    /// Whether somebody may have an alias, for a new room or the one that is edited.
    private func isFree(
        _ alias: String, _ directory: Harness, for account: AccessClaims, room: String? = nil
    ) async throws -> Bool {
        let query = room.map { "?room=\($0)" } ?? ""
        let check: AliasCheck = try await directory.send(
            .get, "/api/directory/aliases/\(alias)\(query)", as: account
        ).decode()
        #expect(check.reason == (check.available ? nil : .taken))
        return check.available
    }

    @Test("a room that is edited may have its own alias and those before it, as only those learn who manage it")
    func ownAliases() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let deputy = someone(organization: owner.organization.rawValue, permissions: [])
            let room = try await directory.create(RoomDraft(name: "x", alias: "before"), as: owner)
            _ = try await directory.create(RoomDraft(name: "y", alias: "another"), as: owner)
            try await appoint(deputy, room, directory)
            let now = RoomDraft(name: "x", alias: "now")
            let changed = try await directory.send(.put, "\(rooms)/\(room.id)", now, as: owner, ifMatch: "*")
            #expect(changed.status == .ok)
            for alias in ["before", "now"] {
                for account in [owner, deputy] {
                    #expect(try await isFree(alias, directory, for: account, room: room.id.rawValue))
                    #expect(try await !isFree(alias, directory, for: account))
                }
                #expect(try await !isFree(alias, directory, for: someone(), room: room.id.rawValue))
                for odd in ["", "x", newID(), "%00", "%FF"] {
                    #expect(try await !isFree(alias, directory, for: owner, room: odd))
                }
            }
            #expect(try await !isFree("another", directory, for: owner, room: room.id.rawValue))
        }
    }

    // MARK: Of deleted rooms

    @Test("the aliases of a deleted room are kept for those who managed it, and a link with one tells nothing")
    func deleted() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let deputy = someone(organization: owner.organization.rawValue)
            let room = try await directory.create(RoomDraft(name: "x", alias: "before"), as: owner)
            try await appoint(deputy, room, directory)
            let path = "\(rooms)/\(room.id)"
            let now = RoomDraft(name: "x", alias: "now")
            #expect(try await directory.send(.put, path, now, as: owner, ifMatch: "*").status == .ok)
            #expect(try await directory.send(.delete, path, as: owner, ifMatch: "*").status == .noContent)
            let colleague = someone(organization: owner.organization.rawValue)
            // The account of another organization with the same id is another account.
            let others = [someone(), colleague, someone(account: owner.account.rawValue)]
            for alias in ["before", "now"] {
                for other in others {
                    #expect(try await !isFree(alias, directory, for: other))
                    let draft = RoomDraft(name: "y", alias: alias)
                    #expect(try await directory.send(.post, rooms, draft, as: other).problem == "409 alias_taken")
                }
                #expect(try await directory.enter(alias).problem == directory.enter("nowhere").problem)
                #expect(try await directory.enter(alias, as: owner).problem == "404 room_not_found")
                #expect(try await isFree(alias, directory, for: owner))
                #expect(try await isFree(alias, directory, for: deputy))
            }
            _ = try await directory.create(RoomDraft(name: "z", alias: "before"), as: deputy)
            try await directory.pool.execute("update former_alias set given_up_at = now() - interval '91 days'")
            _ = try await directory.create(RoomDraft(name: "z", alias: "now"), as: colleague)
        }
    }

    @Test("the alias of a room that is removed for its age is kept, too")
    func removedForAge() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "old"), as: owner)
            try await directory.age(room.id, days: 91)
            let ages = RoomAgeStore(pool: directory.pool)
            try await ages.count()
            #expect(try await ages.remove(after: 0) == 1)
            #expect(try await !isFree("old", directory, for: someone()))
            #expect(try await isFree("old", directory, for: owner))
            try await directory.pool.execute("update former_alias set given_up_at = now() - interval '91 days'")
            try await ages.removeFormerAliases()
            #expect(try await directory.pool.query("select 1 from former_alias").isEmpty)
        }
    }

    @Test("the alias of a room that goes with its account is kept for its deputies, and the account is forgotten")
    func removedWithAccount() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let deputy = someone(organization: owner.organization.rawValue)
            let room = try await directory.create(RoomDraft(name: "x", alias: "support"), as: owner)
            try await appoint(deputy, room, directory)
            let item = RemovedAccounts.Item(account: owner.account, organization: owner.organization)
            let owners = OwnerStore(pool: directory.pool)
            #expect(try await owners.remove(RemovedAccounts(items: [item], position: 1, hasMore: false)) == 1)
            #expect(try await !isFree("support", directory, for: someone()))
            #expect(try await isFree("support", directory, for: deputy))
            let managers = try await directory.pool.query("select managed_by::text[] as managers from former_alias")
            #expect(try managers.first?.decode("managers", as: [String].self) == [deputy.account.rawValue])
        }
    }

    @Test("while the clock may be wrong no alias is given to others")
    func wrongClock() async throws {
        try await Harness.run { directory in
            let room = try await directory.create(RoomDraft(name: "x", alias: "old"), as: someone())
            try await directory.pool.execute("delete from room where id = \(room.id)")
            // All that the database has is ten years old: the same as a clock that is ten years ahead.
            try await directory.pool.execute("update former_alias set given_up_at = now() - interval '3650 days'")
            try await directory.pool.execute("update sweep_day set began_at = now() - interval '3650 days'")
            #expect(try await !isFree("old", directory, for: someone()))
            try await RoomAgeStore(pool: directory.pool).count()
            #expect(try await !isFree("old", directory, for: someone()))
        }
    }

    // MARK: At once

    @Test("nobody gets an alias in the moment in which its room gives it up", arguments: ["renamed", "deleted"])
    func race(_ what: String) async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "before"), as: owner)
            let path = "\(rooms)/\(room.id)"
            let (givenUp, taken) = try await directory.atOnce {
                if what == "deleted" { return try await directory.send(.delete, path, as: owner, ifMatch: "*") }
                let draft = RoomDraft(name: "x", alias: "after")
                return try await directory.send(.put, path, draft, as: owner, ifMatch: "*")
            } _: {
                try await directory.send(.post, rooms, RoomDraft(name: "y", alias: "before"), as: someone())
            }
            #expect([givenUp.problem, taken.problem] == [what == "deleted" ? "204" : "200", "409 alias_taken"])
            #expect(try await isFree("before", directory, for: owner, room: room.id.rawValue))
        }
    }

    private func appoint(_ deputy: AccessClaims, _ room: RoomView, _ directory: Harness) async throws {
        try await directory.pool.execute(
            "insert into room_deputy (room_id, account_id) values (\(room.id), \(deputy.account))")
    }
}
