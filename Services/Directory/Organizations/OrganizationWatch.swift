import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Asks identity again and again how organizations are: rooms of a disabled one let nobody in. Several processes may do it at once.
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
            var after: OrganizationID?
            repeat {
                let query = after.map { "?after=\($0)" } ?? ""
                let page = try await identity.get("/internal/organizations\(query)", as: OrganizationStates.self)
                try await store.keep(page.items)
                after = page.next
            } while after != nil && !Task.isCancelled
            return true
        } catch {
            logger.debug("Organizations could not be looked for", metadata: ["error": "\(error)"])
            return false
        }
    }
}
