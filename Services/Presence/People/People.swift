import Foundation
import Logging
import ParleyProtocol
import Redis

/// Everybody's presence: takes what changes, and lets others see what follows from it.
struct People: Sendable {
    /// How often a view is made anew when something changes meanwhile. What is left then is settled by the next sign or end.
    private static let attempts = 5

    let store: PeopleStore
    let settings: PersonSettingsStore

    /// Changes something about a person. Repeating it does no harm.
    ///
    /// - Throws: `RedisError`, `PostgresError`. The change may have been made, and others see it later.
    func change(_ person: PersonKey, _ changes: [PersonChange]) async throws {
        try await settle(person, try await known(person, try await store.change(person, changes)))
        try await store.watch([person.organization])
    }

    /// Lets others see what has ended by itself in organizations that nobody else looks at now.
    ///
    /// - Throws: `RedisError`, `PostgresError`. What is left is found the next time.
    func settleEnds() async throws {
        for organization in try await store.claimOrganizations() {
            for account in try await store.ended(in: organization) {
                try await change(PersonKey(organization: organization, account: account), [])
            }
        }
    }

    /// What others see in an organization, of everybody or of these accounts.
    ///
    /// - Throws: `RedisError`, `PostgresError`.
    func snapshot(of organization: OrganizationID, accounts: [AccountID]? = nil) async throws -> PeopleSnapshot {
        if let snapshot = try await store.snapshot(of: organization, accounts: accounts) { return snapshot }
        try await begin(organization)
        guard let snapshot = try await store.snapshot(of: organization, accounts: accounts) else {
            throw RedisError(.invalidReply, "an organization has no epoch")
        }
        return snapshot
    }

    /// Sets what the person sets by hand.
    ///
    /// - Throws: `RedisError`, `PostgresError`. When Redis is away it is set all the same.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws {
        let settings = try await settings.set(manual, of: person)
        try await change(person, [.settings(settings)])
    }

    /// What is known of a person, whose settings are in Redis then.
    private func known(_ person: PersonKey, _ found: PeopleStore.Found) async throws -> PeopleStore.Found {
        guard found.settings == nil else { return found }
        return try await store.change(person, [.settings(try await settings.settings(of: person))])
    }

    private func settle(_ person: PersonKey, _ first: PeopleStore.Found) async throws {
        var found = first
        for _ in 1...Self.attempts {
            switch try await store.settle(person, found) {
            case .done: return
            case .other(let newer): found = try await known(person, newer)
            case .unbegun: try await begin(person.organization)
            }
        }
    }

    /// Brings what everybody in the organization has set into Redis, which knows nothing of them: at the beginning, and when it has
    /// lost its memory. Several processes may do it at once.
    func begin(_ organization: OrganizationID) async throws {
        var people: [PersonKey] = []
        var last: AccountID?
        repeat {
            let page = try await settings.settings(in: organization, after: last)
            for (account, settings) in page {
                let person = PersonKey(organization: organization, account: account)
                _ = try await store.change(person, [.settings(settings)])
                people.append(person)
            }
            last = page.count == PersonSettingsStore.page ? page.last?.account : nil
        } while last != nil
        try await store.begin(organization)
        // Nobody else may ever say anything of those who are away.
        for person in people {
            let found = try await known(person, try await store.change(person, []))
            try await settleBegun(person, found)
        }
    }

    private func settleBegun(_ person: PersonKey, _ first: PeopleStore.Found) async throws {
        var found = first
        for _ in 1...Self.attempts {
            guard case .other(let newer) = try await store.settle(person, found) else { return }
            found = try await known(person, newer)
        }
    }
}
