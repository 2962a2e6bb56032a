import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("What other services ask of organizations", .timeLimit(.minutes(1)))
struct OrganizationCallTests {
    @Test(
        "directory and presence learn which organizations are disabled and which keep lists of participants; nobody else asks"
    )
    func states() async throws {
        try await IdentityBench.withCalls { bench, call in
            let administration = Administration(pool: bench.pool, scryptLogN: 10)
            try await administration.change("demo") { $0.attendance = .owner }
            let before = try await call(.directory).get("/internal/organizations", as: OrganizationStates.self)
            let demo = try #require(
                try await OrganizationStore(pool: bench.pool).find(handle: "demo")?.id)
            let item = try #require(before.items.first { $0.organization == demo })
            #expect(!item.disabled && item.attendance && before.next == nil)
            try await administration.setEnabled("demo", false)
            let after = try await call(.directory).get("/internal/organizations", as: OrganizationStates.self)
            #expect(after.items.first { $0.organization == demo }?.disabled == true)
            let same = try await call(.presence).get("/internal/organizations", as: OrganizationStates.self)
            #expect(same == after)
            await #expect(throws: ServiceCallError.self) {
                try await call(.signaling).get("/internal/organizations", as: OrganizationStates.self)
            }
        }
    }

    @Test("the list of organizations comes in pages")
    func pages() async throws {
        try await IdentityBench.run { bench in
            let store = OrganizationStore(pool: bench.pool)
            for name in ["a", "b", "c"] {
                try await store.add(NewOrganization(ucsid: name, name: name, aliases: []))
            }
            let all = try await store.all().map(\.id)
            var found: [OrganizationID] = []
            var after: OrganizationID?
            repeat {
                let page = try await store.states(after: after, limit: 2)
                found += page.items.map(\.organization)
                after = page.next
            } while after != nil
            #expect(found.count == all.count && Set(found) == Set(all))
        }
    }

    @Test("accounts are told by id to who asks for their organization; those of others and disabled ones are not")
    func cards() async throws {
        try await IdentityBench.withCalls { bench, call in
            let rows = try await bench.pool.query(
                "select id, organization_id, user_name, display_name from account order by user_name")
            let first = try #require(rows.first)
            let organization: OrganizationID = try first.decode("organization_id")
            let all = try rows.map { try $0.decode("id", as: AccountID.self) }
            func ask(_ organization: OrganizationID) async throws -> [AccountID] {
                try await call(.directory).post(
                    "/internal/organizations/\(organization)/accounts", AccountQuery(accounts: all),
                    as: AccountCards.self
                ).accounts.map(\.account)
            }
            let own = try rows.filter { try $0.decode("organization_id", as: OrganizationID.self) == organization }
                .map { try $0.decode("id", as: AccountID.self) }
            #expect(Set(try await ask(organization)).isSubset(of: own))
            let known: AccountID = try first.decode("id")
            #expect(try await ask(organization).contains(known))
            #expect(try await ask(OrganizationID(UUID().uuidString.lowercased())).isEmpty)
            try await bench.pool.execute("update account set is_enabled = false where id = \(known)")
            #expect(try await !ask(organization).contains(known))
        }
    }

    @Test("presence learns names and addresses, and who was deleted, as directory does; signaling does not")
    func presence() async throws {
        try await IdentityBench.withCalls { bench, call in
            let (person, _) = try await bench.person("Person", [])
            let organization = try #require(
                try await OrganizationStore(pool: bench.pool).find(handle: "demo")?.id)
            func cards(_ caller: ServiceName) async throws -> [AccountCards.Card] {
                try await call(caller).post(
                    "/internal/organizations/\(organization)/accounts", AccountQuery(accounts: [person.account]),
                    as: AccountCards.self
                ).accounts
            }
            func removed(_ caller: ServiceName) async throws -> [AccountID] {
                try await call(caller).get("/internal/removed-accounts", as: RemovedAccounts.self).items
                    .map(\.account)
            }
            let card = AccountCards.Card(
                account: person.account, userName: "Person", displayName: "Person", email: nil, language: "en")
            #expect(try await cards(.presence) == [card])
            try await bench.pool.execute("delete from account where id = \(person.account)")
            try await bench.pool.execute("update removed_account set at = at - interval '65 seconds'")
            #expect(try await removed(.presence) == [person.account])
            await #expect(throws: ServiceCallError.self) { try await cards(.signaling) }
            await #expect(throws: ServiceCallError.self) { try await removed(.signaling) }
        }
    }
}
