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
    private let noted = NotedOrganizations()
    private let beginnings = Beginnings()

    init(store: PeopleStore, settings: PersonSettingsStore) {
        self.store = store
        self.settings = settings
    }

    // MARK: One person

    /// Changes something about a person. Repeating it does no harm.
    ///
    /// - Throws: `RedisError`, `PostgresError`. The change may have been made, and others see it later.
    func change(_ person: PersonKey, _ changes: [PersonChange]) async throws {
        try await watch(person.organization)
        try await settle(person, try await store.change(person, changes))
    }

    /// Sets what the person sets by hand.
    ///
    /// - Throws: `RedisError`, `PostgresError`. When Redis is away it is set all the same, and others see it later.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws {
        try await publish(try await settings.set(manual, of: person), of: person)
    }

    /// What a person has set, and what others see of them.
    ///
    /// - Throws: `RedisError`, `PostgresError`.
    func own(_ person: PersonKey) async throws -> OwnPresence {
        let found = try await known(person, try await store.change(person, []))
        try await settle(person, found)
        let manual = found.settings?.manual ?? ManualPresence()
        return OwnPresence(manual: manual.isOver(at: found.now) ? ManualPresence() : manual, seen: found.seen)
    }

    /// Brings what was set, but could not be told to Redis at that time, there.
    ///
    /// - Throws: `RedisError`, `PostgresError`. What is left is brought the next time.
    func publishPending() async throws {
        for (person, settings) in try await settings.unpublished() { try await publish(settings, of: person) }
    }

    /// Tells Redis what PostgreSQL holds of a person now.
    ///
    /// - Throws: `RedisError`, `PostgresError`. It is tried again with what is pending.
    func republish(_ person: PersonKey) async throws {
        try await publish(try await settings.settings(of: person), of: person)
    }

    private func publish(_ settings: PersonSettings, of person: PersonKey) async throws {
        try await change(person, [.settings(settings)])
        try await self.settings.notePublished(person, version: settings.version)
    }

    // MARK: An organization

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

    /// Brings what everybody in the organization has set into Redis, which knows nothing of them: at the beginning, and when it has
    /// lost its memory. Several processes may do it at once; those who want it in this one wait for the same.
    private func begin(_ organization: OrganizationID) async throws {
        try await beginnings.once(organization) { try await bring(organization) }
    }

    private func bring(_ organization: OrganizationID) async throws {
        // Redis may have lost that, too.
        try await store.watch(organization)
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
        for person in people { try await settle(person, try await store.change(person, []), begins: false) }
    }

    /// Redis may be told of an organization every few seconds only, since it looks after it for longer.
    private func watch(_ organization: OrganizationID) async throws {
        guard noted.isDue(organization) else { return }
        try await store.watch(organization)
        noted.note(organization)
    }

    // MARK: What follows

    /// What is known of a person, whose settings are in Redis then.
    private func known(_ person: PersonKey, _ found: PeopleStore.Found) async throws -> PeopleStore.Found {
        guard found.settings == nil else { return found }
        return try await store.change(person, [.settings(try await settings.settings(of: person))])
    }

    /// - Parameter begins: whether the organization is begun if it must be.
    private func settle(_ person: PersonKey, _ first: PeopleStore.Found, begins: Bool = true) async throws {
        var found = try await known(person, first)
        for _ in 1...Self.attempts {
            switch try await store.settle(person, found) {
            case .done: return
            case .other(let newer): found = try await known(person, newer)
            case .unbegun:
                guard begins else { return }
                try await begin(person.organization)
                found = try await known(person, try await store.change(person, []))
            }
        }
    }
}
