import Foundation
import Logging
import ParleyProtocol
import Redis
import ServiceKit

/// Everybody's presence: takes what changes, and lets others see what follows from it.
struct People: Sendable {
    /// How often a view is made anew when something changes meanwhile. What is left then is settled by the next sign or end.
    private static let attempts = 5
    /// People who are changed at once.
    private static let concurrency = 32
    /// Of people with something that has ended, in one look at an organization.
    private static let pages = 50
    /// How long anybody waits for the beginning of an organization.
    private static let patience: Duration = .seconds(10)

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
    /// - Throws: `RedisError`, `PostgresError`. When Redis goes away meanwhile it is set all the same, and others see it later.
    func set(_ manual: ManualPresence, of person: PersonKey) async throws {
        guard let settings = try await settings.set(manual, of: person) else { return }
        try await publish(settings, of: person)
    }

    /// What a person has set, and what others see of them.
    ///
    /// - Throws: `RedisError`, `PostgresError`.
    func own(_ person: PersonKey) async throws -> OwnPresence {
        let found = try await known(person, try await store.change(person, []))
        try await settle(person, found)
        return OwnPresence(manual: found.manual, seen: found.seen)
    }

    /// Brings what was set, but could not be told to Redis at that time, there.
    ///
    /// - Throws: `RedisError`, `PostgresError`. What is left is brought the next time.
    func publishPending() async throws {
        try await forEach(try await settings.unpublished()) { try await publish($0.settings, of: $0.person) }
    }

    /// Tells Redis what PostgreSQL holds of a person now.
    ///
    /// - Throws: `RedisError`, `PostgresError`. It is tried again with what is pending.
    func republish(_ person: PersonKey) async throws {
        try await publish(try await settings.settings(of: person), of: person)
    }

    /// Tells Redis what PostgreSQL held of a person. An older version than Redis knows changes nothing.
    private func publish(_ settings: PersonSettings, of person: PersonKey) async throws {
        try await watch(person.organization)
        guard try await settle(person, try await store.change(person, [.settings(settings)])) else { return }
        try await self.settings.notePublished(person, version: settings.version)
    }

    // MARK: An organization

    /// Lets others see what has ended by itself in organizations that nobody else looks at now.
    ///
    /// - Throws: the first `RedisError` or `PostgresError`, after all others were looked after. What is left is found the next time.
    func settleEnds() async throws {
        var organizations: [OrganizationID]
        repeat {
            organizations = try await store.claimOrganizations()
            try await forEach(organizations, settleEnds)
        } while organizations.count == PeopleStore.page
    }

    private func settleEnds(in organization: OrganizationID) async throws {
        // Whom a page has failed for stays at its head: not for ever.
        for _ in 1...Self.pages {
            let accounts = try await store.ended(in: organization)
            try await forEach(accounts) { account in
                try await change(PersonKey(organization: organization, account: account), [])
            }
            guard accounts.count == PeopleStore.page else { return }
        }
    }

    /// Some at a time. One that fails stops no other.
    ///
    /// - Throws: one of the errors.
    private func forEach<Element: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            for line in elements.split(into: Self.concurrency) {
                group.addTask {
                    var failure: (any Error)?
                    for element in line {
                        do { try await body(element) } catch { failure = error }
                    }
                    return failure
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
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
        let isDone = try await bounded(Self.patience) {
            try await beginnings.once(organization) { try await bring(organization) }
            return true
        }
        guard isDone == true else { throw RedisError(.timeout, "an organization takes long to begin") }
    }

    private func bring(_ organization: OrganizationID) async throws {
        // Redis may have lost that, too.
        try await store.watch(organization)
        var people: [PersonKey] = []
        var last: AccountID?
        repeat {
            let page = try await settings.settings(in: organization, after: last)
            try await forEach(page) { account, settings in
                _ = try await store.change(
                    PersonKey(organization: organization, account: account), [.settings(settings)])
            }
            people += page.map { PersonKey(organization: organization, account: $0.account) }
            last = page.count == PersonSettingsStore.page ? page.last?.account : nil
        } while last != nil
        try await store.begin(organization)
        // Nobody else may ever say anything of those who are away.
        try await forEach(people) { try await settle($0, try await store.change($0, []), begins: false) }
    }

    /// Redis may be told of an organization every few seconds only, since it looks after it for longer.
    private func watch(_ organization: OrganizationID) async throws {
        guard noted.isDue(organization) else { return }
        try await store.watch(organization)
        noted.note(organization)
    }

    // MARK: What follows

    /// What is known of a person, whose settings are in Redis then. Nothing is told of somebody whose settings can't be read: they may
    /// not want to be seen.
    private func known(_ person: PersonKey, _ found: PeopleStore.Found) async throws -> PeopleStore.Found {
        guard found.settings == nil else { return found }
        let known = try await store.change(person, [.settings(try await settings.settings(of: person))])
        guard known.settings != nil else { throw RedisError(.invalidReply, "settings can't be read") }
        return known
    }

    /// - Parameter begins: whether the organization is begun if it must be.
    /// - Returns: whether others see what follows.
    @discardableResult
    private func settle(
        _ person: PersonKey, _ first: PeopleStore.Found, begins: Bool = true
    ) async throws -> Bool {
        var found = try await known(person, first)
        for _ in 1...Self.attempts {
            switch try await store.settle(person, found) {
            case .done: return true
            case .other(let newer): found = try await known(person, newer)
            case .unbegun:
                guard begins else { return false }
                try await begin(person.organization)
                found = try await known(person, try await store.change(person, []))
            }
        }
        return false
    }
}
