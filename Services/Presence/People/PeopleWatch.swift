import Logging
import ParleyProtocol
import Redis
import ServiceKit
import ServiceLifecycle

/// Looks again and again after what ends by itself, and what Redis was not told. Several processes share the work.
struct PeopleWatch: Service {
    let people: People
    let logger: Logger
    var interval = Duration.seconds(1)
    /// After presence or Redis was away, those who live say so before their leases end: nobody is to be seen leaving and coming back.
    /// Signaling says so every `Limits.seatRenewal` seconds.
    var grace = Duration.seconds(Limits.seatRenewal + 1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            var start = ContinuousClock.now + grace
            while !Task.isCancelled {
                if await people.store.redis.isReady() {
                    if failures > 0 { start = .now + grace }
                    failures = 0
                    await look(endsToo: .now >= start)
                } else {
                    failures += 1
                    if failures.isMultiple(of: 30) {
                        logger.warning("Nothing ends by itself at the moment", metadata: ["attempts": "\(failures)"])
                    }
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    /// What fails does not keep the other from its work.
    private func look(endsToo: Bool) async {
        if endsToo { await attempt { try await people.settleEnds() } }
        await attempt { try await people.publishPending() }
    }

    private func attempt(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("Some people could not be looked after", metadata: ["error": "\(error)"])
        }
    }
}
