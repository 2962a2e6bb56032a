import Logging
import ServiceLifecycle

/// Removes sessions that are over, every few minutes. They are refused in any case; this keeps the table small.
struct SessionSweeper: Service {
    let sessions: SessionStore
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
        } catch {
            logger.warning("could not remove sessions that are over", metadata: ["error": "\(error)"])
        }
    }
}
