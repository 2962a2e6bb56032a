import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Deletes rooms with their owners: asks identity again and again which accounts were deleted. Several processes may do it at
/// once.
struct FormerOwners: Service {
    let store: OwnerStore
    let identity: ServiceClient
    let logger: Logger

    func run() async {
        await RepeatedWork("Deleted accounts can't be learned of", every: .seconds(10), logger: logger, follow).run()
    }

    /// All that identity tells of now.
    ///
    /// - Throws: `ServiceCallError`, `PostgresError`. What is left is found the next time.
    func follow() async throws {
        var hasMore = true
        while hasMore, !Task.isCancelled {
            let position = try await store.position()
            let removed = try await identity.get(
                "/internal/removed-accounts?after=\(position)", as: RemovedAccounts.self)
            hasMore = removed.hasMore
            guard removed.position > position else { return }
            let rooms = try await store.remove(removed)
            if rooms > 0 { logger.info("Rooms of deleted accounts were deleted", metadata: ["rooms": "\(rooms)"]) }
        }
    }
}
