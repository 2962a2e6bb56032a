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
    var interval = Duration.seconds(1.5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await follow() ? 0 : failures + 1
                if failures > 0, failures.isMultiple(of: 60) {
                    logger.warning("What people choose can't be learned of", metadata: ["attempts": "\(failures)"])
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    /// All that identity tells of now. What fails is tried again the next time.
    /// - Returns: whether there was an answer.
    @discardableResult
    func follow() async -> Bool {
        do {
            try await readProfiles()
            try await readRemoved()
            return true
        } catch {
            logger.debug("Identity's lists could not be read", metadata: ["error": "\(error)"])
            return false
        }
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
