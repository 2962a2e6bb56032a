import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Audit of rooms", .timeLimit(.minutes(1)))
struct AuditTests {
    @Test("what was done to rooms is told to the organization's administrators, without PINs, and to nobody else")
    func entries() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "One", alias: "one"), as: owner)
            let path = "/api/directory/rooms/\(room.id)"
            let drafts = [
                RoomDraft(name: "Two", alias: "two"), RoomDraft(name: "Two", alias: "two", pin: "004711"),
                RoomDraft(name: "Two", alias: "two", pin: "004711"), RoomDraft(name: "Two", alias: "two"),
            ]
            for draft in drafts {
                #expect(try await directory.send(.put, path, draft, as: owner, ifMatch: "*").status == .ok)
            }
            for locked in [true, true, false] {
                _ = try await directory.send(.put, "\(path)/lock", RoomLock(locked: locked), as: owner)
            }
            _ = try await directory.send(.post, "\(path)/renew", as: owner)
            #expect(try await directory.send(.delete, path, as: owner, ifMatch: "*").status == .noContent)
            let administrator = someone(
                organization: owner.organization.rawValue, permissions: [.administerOrganization])
            let answer = try await directory.send(.get, "/api/directory/audit", as: administrator)
            #expect(!String(buffer: answer.body).contains("004711"))
            let list: AuditList = try answer.decode()
            #expect(
                list.items.map(\.action) == [
                    "room.deleted", "room.renewed", "room.unlocked", "room.locked", "room.pin_changed",
                    "room.pin_changed", "room.changed", "room.created",
                ])
            let changed = try #require(list.items.first { $0.action == "room.changed" })
            #expect(changed.detail["fields"] == "name alias" && changed.detail["formerAlias"] == "one")
            #expect(changed.actorAccount == owner.account && changed.detail["room"] == room.id.rawValue)
            let foreign = someone(permissions: [.administerOrganization])
            let other: AuditList = try await directory.send(.get, "/api/directory/audit", as: foreign).decode()
            #expect(other.items.isEmpty)
            #expect(try await directory.send(.get, "/api/directory/audit", as: owner).problem == "403 forbidden")
            await #expect(throws: PostgresError.self) {
                try await directory.pool.execute("update audit_entry set actor = 'nobody'")
            }
            await #expect(throws: PostgresError.self) { try await directory.pool.execute("delete from audit_entry") }
        }
    }
}
