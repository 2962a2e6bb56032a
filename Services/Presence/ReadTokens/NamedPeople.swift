import ParleyProtocol

/// What colleagues see of people, with their names: for readers who know them by name.
struct NamedPeople: Sendable {
    let people: People
    let names: AccountNames

    /// Everybody who is not offline, as far as it can be read: what only a newer release knows is left out.
    ///
    /// - Throws: `RedisError`, `PostgresError`, `ServiceCallError`.
    func everybody(of organization: OrganizationID) async throws -> NamedPresenceSnapshot {
        let snapshot = try await people.snapshot(of: organization)
        let views = snapshot.decoded().items.filter { $0.state != .offline }
        let names = try await names.names(of: views.map(\.account), in: organization)
        let items = views.compactMap { view in names[view.account].map { Self.item(view.account, $0, view.seen) } }
        return NamedPresenceSnapshot(
            epoch: snapshot.epoch, seq: snapshot.seq, items: items.sorted { $0.account.rawValue < $1.account.rawValue })
    }

    /// One person, who may be offline; nothing for an account that is not of this organization.
    ///
    /// - Throws: `RedisError`, `PostgresError`, `ServiceCallError`.
    func person(_ account: AccountID, of organization: OrganizationID) async throws -> NamedPresence? {
        guard let name = try await names.names(of: [account], in: organization)[account] else { return nil }
        let views = try await people.snapshot(of: organization, accounts: [account]).decoded().items
        return Self.item(account, name, views.first { $0.account == account }?.seen ?? .hidden)
    }

    private static func item(_ account: AccountID, _ name: AccountNames.Name, _ seen: SeenPresence) -> NamedPresence {
        NamedPresence(account: account, userName: name.userName, displayName: name.displayName, seen: seen)
    }
}

extension PresenceView {
    fileprivate var seen: SeenPresence { SeenPresence(state: state, note: note, text: text, until: until) }
}
