import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Asks identity again and again what people have chosen, and which accounts were deleted. Several processes may do it at once.
struct AccountWatch: Service {
    let store: AccountStore
    let people: People
    let identity: ServiceClient
    let logger: Logger

    func run() async {
        await RepeatedWork("What people choose can't be learned of", every: .seconds(1.5), logger: logger, follow).run()
    }

    /// All that identity tells of now.
    ///
    /// - Throws: `ServiceCallError`, `PostgresError`, `RedisError`. What is left is found the next time.
    func follow() async throws {
        try await readProfiles()
        try await readRemoved()
    }

    private func readProfiles() async throws {
        var hasMore = true
        while hasMore, !Task.isCancelled {
            let position = try await store.position(.profiles)
            let page = try await identity.get(
                "/internal/presence-profiles?after=\(position)", as: PresenceProfiles.self)
            hasMore = page.hasMore
            guard page.position > position else { return }
            let changed = try await store.keep(page.items)
            try await store.note(page.position, .profiles)
            for person in changed { try await people.republish(person) }
        }
    }

    private func readRemoved() async throws {
        var hasMore = true
        while hasMore, !Task.isCancelled {
            let position = try await store.position(.removed)
            let page = try await identity.get("/internal/removed-accounts?after=\(position)", as: RemovedAccounts.self)
            hasMore = page.hasMore
            guard page.position > position else { return }
            for item in page.items {
                try await store.remove(item.account)
                try await people.change(
                    PersonKey(organization: item.organization, account: item.account), [.removed])
            }
            try await store.note(page.position, .removed)
        }
    }
}
