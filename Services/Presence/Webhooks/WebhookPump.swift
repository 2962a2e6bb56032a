import AsyncHTTPClient
import Logging
import ServiceKit
import ServiceLifecycle

/// Works for all webhooks, a few at a time. Several processes may do it at once: each webhook is held by one of them, and taken over when
/// that one is not heard of any more. What was under way then is sent a second time, with the same `webhook-id`.
struct WebhookPump: Service {
    /// Webhooks that are worked for at a time.
    private static let parallel = 16
    private static let houseKeeping = Duration.seconds(60)

    let queue: WebhookQueue
    let people: People
    let vault: WebhookSecretVault
    let logger: Logger
    var retry = WebhookRetry()
    /// How often is looked for changes.
    var interval = Duration.seconds(1)
    /// For one attempt.
    var timeout = Duration.seconds(10)

    private enum Ended {
        case tick, work, houseKeeping
    }

    /// Ends when what is under way has ended, which takes no longer than one attempt.
    func run() async throws {
        let client = WebhookSender.makeClient()
        let work = WebhookWork(
            queue: queue, people: people, sender: WebhookSender(client: client, vault: vault, timeout: timeout),
            retry: retry, logger: logger)
        let looking = FailuresInARow("Webhooks could not be looked for", logger: logger)
        await withTaskGroup(of: Ended.self) { group in
            group.addTask {
                await keepHouse()
                return .houseKeeping
            }
            group.addTask { .tick }
            var busy = 0
            for await ended in group {
                if ended == .work { busy -= 1 }
                guard ended == .tick, !Task.isCancelled, !Task.isShuttingDownGracefully else { continue }
                let taken = await take(Self.parallel - busy, looking)
                busy += taken.count
                for webhook in taken {
                    group.addTask {
                        await work.run(for: webhook, pause: interval / 2)
                        return .work
                    }
                }
                group.addTask {
                    await pause()
                    return .tick
                }
            }
        }
        do {
            try await client.shutdown()
        } catch {
            logger.debug("The client of webhooks did not end", metadata: ["error": "\(error)"])
        }
    }

    private func take(_ count: Int, _ failures: FailuresInARow) async -> [HeldWebhook] {
        guard count > 0 else { return [] }
        do {
            let taken = try await queue.take(count)
            failures.succeeded()
            return taken
        } catch {
            failures.failed(error)
            return []
        }
    }

    /// Jitter: several processes should not ask at the same moment.
    private func pause() async {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
        }
    }

    /// How many messages wait, for the metrics, and what is long over.
    private func keepHouse() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let counts = try await queue.counts()
                    WebhookMetrics.counted(waiting: counts.waiting, dead: counts.dead)
                    try await queue.removeOld()
                } catch {
                    // As seldom as this is, each is worth it.
                    logger.warning("Webhooks could not be tidied up", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.houseKeeping)
            }
        }
    }
}
