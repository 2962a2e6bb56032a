import Foundation
import ParleyProtocol
import ServiceKit
import Synchronization

/// Who accounts are, as identity says, kept for a while: a telephone system asks for everybody again and again.
final class AccountNames: Sendable {
    struct Name: Hashable, Sendable {
        var userName: String
        var displayName: String
    }

    /// Accounts of one call, as identity takes them.
    private static let page = 100
    /// Calls at a time.
    private static let parallel = 4

    private struct Known {
        /// Nothing for an account that identity does not name.
        var name: Name?
        var until: ContinuousClock.Instant
    }

    private let identity: ServiceClient
    private let age: Duration
    private let capacity: Int
    private let known = Mutex<[PersonKey: Known]>([:])

    /// - Parameters:
    ///   - age: for how long an answer holds.
    ///   - capacity: how many accounts are kept at most.
    init(identity: ServiceClient, age: Duration = .seconds(300), capacity: Int = 50_000) {
        self.identity = identity
        self.age = age
        self.capacity = capacity
    }

    /// Without those that are not there, are disabled or belong to another organization.
    ///
    /// - Throws: `ServiceCallError` while identity is away and not all are known; `ProblemError` 503 when it does not say all.
    func names(
        of accounts: [AccountID], in organization: OrganizationID
    ) async throws -> [AccountID: Name] {
        var names: [AccountID: Name] = [:]
        let missing = look(accounts, organization, into: &names)
        let pages = stride(from: 0, to: missing.count, by: Self.page).map {
            Array(missing[$0..<min($0 + Self.page, missing.count)])
        }
        for start in stride(from: 0, to: pages.count, by: Self.parallel) {
            let found = try await withThrowingTaskGroup { group in
                for page in pages[start..<min(start + Self.parallel, pages.count)] {
                    group.addTask { try await self.ask(page, organization) }
                }
                return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
            }
            names.merge(found) { $1 }
        }
        return names
    }

    private func look(
        _ accounts: [AccountID], _ organization: OrganizationID, into names: inout [AccountID: Name]
    ) -> [AccountID] {
        let now = ContinuousClock.now
        let (found, missing) = known.withLock { known in
            var found: [AccountID: Name] = [:]
            var missing: [AccountID] = []
            for account in Set(accounts) {
                let entry = known[PersonKey(organization: organization, account: account)]
                if let entry, entry.until > now { found[account] = entry.name } else { missing.append(account) }
            }
            return (found, missing)
        }
        names = found
        return missing
    }

    private func ask(_ accounts: [AccountID], _ organization: OrganizationID) async throws -> [AccountID: Name] {
        let cards = try await identity.post(
            "/internal/organizations/\(organization)/accounts", AccountQuery(accounts: accounts), as: AccountCards.self
        ).accounts
        var names: [AccountID: Name] = [:]
        for card in cards {
            // Identity's previous release does not say it; it is about to be replaced.
            guard let userName = card.userName else { throw ProblemError.unavailable() }
            names[card.account] = Name(userName: userName, displayName: card.displayName)
        }
        keep(accounts.map { (PersonKey(organization: organization, account: $0), names[$0]) })
        return names
    }

    private func keep(_ names: [(person: PersonKey, name: Name?)]) {
        let now = ContinuousClock.now
        known.withLock { known in
            if known.count + names.count > capacity { known = known.filter { $0.value.until > now } }
            if known.count + names.count > capacity { known = [:] }
            guard names.count <= capacity else { return }
            for (person, name) in names { known[person] = Known(name: name, until: now + age) }
        }
    }
}
