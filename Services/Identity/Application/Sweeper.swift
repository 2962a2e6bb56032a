import Logging
import ServiceLifecycle

/// Removes what is over or too old, every few minutes. It counts for nothing in any case; this keeps the tables small.
struct Sweeper: Service {
    let sessions: SessionStore
    let revocations: RevocationStore
    let removedAccounts: RemovedAccountStore
    let audit: AuditStore
    /// How long audit entries are kept.
    let auditDays: Int
    let logger: Logger
    var interval = Duration.seconds(300)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                // Jitter: several instances should not do it at the same moment.
                try await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
                await sweep()
            }
        }
    }

    private func sweep() async {
        do {
            let removed = try await sessions.removeExpired()
            if removed > 0 { logger.debug("removed sessions that were over", metadata: ["count": "\(removed)"]) }
            try await revocations.removeOld()
            try await removedAccounts.removeOld()
            _ = try await audit.remove(olderThan: auditDays)
        } catch {
            logger.warning("could not remove what is over", metadata: ["error": "\(error)"])
        }
    }
}
