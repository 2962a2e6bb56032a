import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import IdentityService

@Suite("Beginning a session", .timeLimit(.minutes(1)))
struct SessionStoreTests {
    private static func beginning(_ account: AccountView, former: SessionToken?, generation: Int?)
        -> SessionStore.Beginning
    {
        SessionStore.Beginning(
            account: account.account, stayLoggedIn: false, agent: UserAgent(nil), source: "192.0.2.1", former: former,
            passwordGeneration: generation)
    }

    private static func account(_ bench: IdentityBench) async throws -> AccountView {
        try await IdentityBench.add(NewAccount(userName: "grace", displayName: "Grace"), to: "demo", bench.pool)
    }

    private static func organization(_ bench: IdentityBench) async throws -> OrganizationID {
        try #require(try await OrganizationStore(pool: bench.pool).find(handle: "demo")).id
    }

    /// As when the check of a password, or of a code, takes longer than a change of it.
    @Test("what was checked with a password opens nothing once there is another one; the browser's session goes on")
    func otherPassword() async throws {
        try await IdentityBench.run { bench async throws in
            let (store, account) = (SessionStore(pool: bench.pool), try await Self.account(bench))
            let kept = SessionToken()
            guard case .begun = try await store.begin(kept, Self.beginning(account, former: nil, generation: 0)) else {
                Issue.record("no session")
                return
            }
            let change = try await AccountStore(pool: bench.pool).setPassword(
                of: account.account, in: try await Self.organization(bench),
                to: PasswordHash(Password("another password of hers"), cost: .standard(logN: 10)), kind: .chosen,
                keeping: try await store.find(kept)?.id, by: .commandLine)
            _ = try change.account
            let outcome = try await store.begin(SessionToken(), Self.beginning(account, former: kept, generation: 0))
            guard case .otherPassword = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await store.find(kept) != nil)
            // Whoever came in another way needs no password here.
            guard
                case .begun = try await store.begin(
                    SessionToken(), Self.beginning(account, former: kept, generation: nil))
            else {
                Issue.record("no session")
                return
            }
            #expect(try await store.find(kept) == nil)
        }
    }

    @Test("for a disabled account or organization nothing is written", arguments: ["account", "organization"])
    func disabled(_ what: String) async throws {
        try await IdentityBench.run { bench async throws in
            let (store, account) = (SessionStore(pool: bench.pool), try await Self.account(bench))
            let kept = SessionToken()
            _ = try await store.begin(kept, Self.beginning(account, former: nil, generation: 0))
            if what == "account" {
                try await bench.pool.execute("update account set is_enabled = false where id = \(account.account)")
            } else {
                try await bench.pool.execute(
                    "update organization set is_enabled = false where id = \(try await Self.organization(bench))")
            }
            let outcome = try await store.begin(SessionToken(), Self.beginning(account, former: kept, generation: 0))
            guard case .disabled = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let rows = try await bench.pool.query("select 1 from session where account_id = \(account.account)")
            #expect(rows.count == 1, "the one of before")
        }
    }

    @Test(
        "who was found to need no second factor begins no session once one is needed",
        arguments: ["account", "organization"])
    func secondFactorMeanwhile(_ what: String) async throws {
        try await IdentityBench.run { bench async throws in
            let (store, account) = (SessionStore(pool: bench.pool), try await Self.account(bench))
            if what == "account" {
                try await bench.pool.execute("update account set totp_secret = 'x' where id = \(account.account)")
            } else {
                try await bench.pool.execute(
                    "update organization set second_factor = 'required' where id = \(try await Self.organization(bench))"
                )
            }
            var beginning = Self.beginning(account, former: nil, generation: 0)
            beginning.withoutSecondFactor = true
            guard case .secondFactorNeeded = try await store.begin(SessionToken(), beginning) else {
                Issue.record("a session")
                return
            }
            beginning.withoutSecondFactor = false
            guard case .begun = try await store.begin(SessionToken(), beginning) else {
                Issue.record("no session")
                return
            }
        }
    }

    @Test("signing in anew in a browser and changes of the account wait for each other, and never for ever")
    func noDeadlock() async throws {
        try await IdentityBench.run { bench async throws in
            let (store, account) = (SessionStore(pool: bench.pool), try await Self.account(bench))
            let (accounts, organization) = (AccountStore(pool: bench.pool), try await Self.organization(bench))
            let hash = try PasswordHash(Password("another password of hers"), cost: .standard(logN: 10))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var former: SessionToken?
                    for _ in 0..<40 {
                        let token = SessionToken()
                        _ = try await store.begin(token, Self.beginning(account, former: former, generation: nil))
                        former = token
                    }
                }
                group.addTask {
                    for _ in 0..<40 {
                        _ = try await accounts.setPassword(
                            of: account.account, in: organization, to: hash, kind: .chosen, by: .commandLine)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
