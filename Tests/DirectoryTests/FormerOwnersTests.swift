import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("The end of many accounts", .timeLimit(.minutes(1)))
struct FormerOwnersTests {
    @Test("accounts with more rooms than one transaction takes go one after the other, and twice is harmless")
    func many() async throws {
        try await Harness.run { directory in
            let first = someone()
            let owners = [first, someone(organization: first.organization.rawValue)]
            for owner in owners {
                for number in 1...60 {
                    _ = try await directory.create(RoomDraft(name: "Room \(number)"), as: owner)
                }
            }
            let removed = RemovedAccounts(
                items: owners.map { .init(account: $0.account, organization: $0.organization) }, position: 7,
                hasMore: false)
            let store = OwnerStore(pool: directory.pool)
            #expect(try await store.remove(removed) == 120)
            #expect(try await store.position() == 7)
            #expect(try await store.remove(removed) == 0)
            #expect(try await directory.pool.query("select 1 from room").isEmpty)
        }
    }
}
