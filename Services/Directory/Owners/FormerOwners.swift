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
    var interval = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
                failures = await follow() ? 0 : failures + 1
                // What is deleted elsewhere is kept here all the while.
                if failures > 0, failures.isMultiple(of: 30) {
                    logger.warning(
                        "Deleted accounts can't be learned of", metadata: ["attempts": "\(failures)"])
                }
            }
        }
    }

    /// All that identity tells of now. What fails is tried again the next time.
    /// - Returns: whether there was an answer.
    @discardableResult
    func follow() async -> Bool {
        do {
            var hasMore = true
            while hasMore, !Task.isCancelled {
                let position = try await store.position()
                let removed = try await identity.get(
                    "/internal/removed-accounts?after=\(position)", as: RemovedAccounts.self)
                hasMore = removed.hasMore
                guard removed.position > position else { return true }
                let rooms = try await store.remove(removed)
                if rooms > 0 { logger.info("Rooms of deleted accounts were deleted", metadata: ["rooms": "\(rooms)"]) }
            }
            return true
        } catch {
            logger.debug("Deleted accounts could not be learned of", metadata: ["error": "\(error)"])
            return false
        }
    }
}
