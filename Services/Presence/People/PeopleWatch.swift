import Logging
import ServiceKit
import ServiceLifecycle

/// Looks again and again after what ends by itself, and what Redis was not told. Several processes share the work.
struct PeopleWatch: Service {
    let people: People
    let logger: Logger
    var interval = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await look() ? 0 : failures + 1
                if failures > 0, failures.isMultiple(of: 30) {
                    logger.warning("Nothing ends by itself at the moment", metadata: ["attempts": "\(failures)"])
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    /// - Returns: whether everything was looked after.
    private func look() async -> Bool {
        // One that fails does not keep the other from its work.
        let ends = await attempt { try await people.settleEnds() }
        let pending = await attempt { try await people.publishPending() }
        return ends && pending
    }

    private func attempt(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return true
        } catch {
            logger.debug("People could not be looked after", metadata: ["error": "\(error)"])
            return false
        }
    }
}
