import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Asks identity again and again which organizations are disabled: telephone systems of these are told nothing. Several processes may do it
/// at once.
struct OrganizationWatch: Service {
    let store: OrganizationStore
    let identity: ServiceClient
    let logger: Logger
    var interval = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await look() ? 0 : failures + 1
                if failures > 0, failures.isMultiple(of: 60) {
                    logger.warning("The state of organizations is not known", metadata: ["attempts": "\(failures)"])
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    /// All of them, once.
    /// - Returns: whether there was an answer.
    @discardableResult
    func look() async -> Bool {
        do {
            try await OrganizationList(identity: identity).read { page in
                try await store.keep(page)
                return true
            }
            return true
        } catch {
            logger.debug("Organizations could not be looked for", metadata: ["error": "\(error)"])
            return false
        }
    }
}
