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
            try await directory.pool.execute(
                "insert into room_deputy (room_id, account_id) values (\(room.id), \(deputy.account))")
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
}
