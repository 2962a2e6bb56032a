import Logging
import ServiceKit
import ServiceLifecycle

/// Looks after what time does to meetings and bans. Several processes may do it at once.
struct MeetingSweeper: Service {
    let meetings: MeetingStore
    let bans: BanStore
    let logger: Logger
    var interval = Duration.seconds(30)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Not at once: after a failure of the database those who are inside are to be told first.
                try? await Task.sleep(for: interval * Double.random(in: 0.9...1.1))
                await sweep()
            }
        }
    }

    /// Everything that is due now. What fails is tried again the next time.
    func sweep() async {
        do {
            try await whole { try await meetings.closeSilent() }
            try await whole { try await meetings.settle() }
            try await whole { try await meetings.removeOld() }
            try await whole { try await bans.removeOver() }
        } catch {
            logger.debug("The history was not swept", metadata: ["error": "\(error)"])
        }
    }

    private func whole(_ batch: () async throws -> Int) async throws {
        while !Task.isCancelled, try await batch() >= MeetingStore.batch {}
    }
}
