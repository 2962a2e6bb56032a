import Logging
import ServiceKit
import ServiceLifecycle

/// Looks every few minutes for what is over: rooms that nobody uses, and what keeps tables small. Several processes may do it at once.
struct Sweeper: Service {
    let ages: RoomAgeStore
    let budgets: PINBudget
    let audit: AuditStore
    /// Days for which an expired room is kept.
    let graceDays: Int
    /// Days for which audit entries are kept.
    let auditDays: Int
    let logger: Logger
    var interval = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sweep()
                // Jitter: several processes should not do it at the same moment.
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    func sweep() async {
        do {
            try await ages.count()
            let removed = try await ages.remove(after: graceDays)
            if removed > 0 {
                logger.notice("Rooms that nobody used were removed", metadata: ["rooms": "\(removed)"])
            }
            try await ages.removeFormerAliases()
            try await budgets.removeOld()
            _ = try await audit.remove(olderThan: auditDays)
        } catch {
            logger.warning("What is over could not be removed", metadata: ["error": "\(error)"])
        }
    }
}
