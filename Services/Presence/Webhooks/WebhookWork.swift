import Foundation
import Logging
import ParleyProtocol
import ServiceLifecycle

/// What is done for one webhook that this process holds: changes go into its queue, and what waits goes out, one message at a time.
struct WebhookWork: Sendable {
    /// With so many waiting, no more are put into the queue: what comes meanwhile stays in the log of changes, and after that is
    /// one snapshot.
    static let mostWaiting = 20
    /// Messages after which others have their turn.
    private static let turns = 50
    /// Attempts at writing down what became of a message, one a second; together with sending shorter than the lease.
    private static let noteAttempts = 20

    let queue: WebhookQueue
    let people: People
    let sender: WebhookSender
    let retry: WebhookRetry
    let logger: Logger

    func run(for webhook: HeldWebhook, pause: Duration) async {
        for _ in 1...Self.turns {
            await collect(for: webhook)
            guard await deliverFirst(of: webhook), !Task.isCancelled, !Task.isShuttingDownGracefully else { break }
        }
        // Also when the process is told to stop just now: others need not wait for the end of the lease.
        await Task {
            do {
                try await queue.release(webhook, after: pause)
            } catch {
                logger.debug("A webhook was not released", metadata: ["error": "\(error)"])
            }
        }.value
    }

    // MARK: Into the queue

    private func collect(for webhook: HeldWebhook) async {
        do {
            guard let state = try await queue.state(of: webhook), state.waiting < Self.mostWaiting else { return }
            if let position = state.position, try await collectChanges(after: position, state.waiting, for: webhook) {
                return
            }
            // A snapshot may have many parts, and what waits comes first.
            guard state.waiting == 0 else { return }
            let snapshot = try await people.snapshot(of: webhook.organization)
            try await queue.put(
                try NewLetter.snapshot(snapshot, of: webhook.organization),
                upTo: .init(epoch: snapshot.epoch, seq: snapshot.seq), for: webhook)
        } catch {
            // Redis is away, for instance: what waits goes out all the same.
            logger.debug("Changes could not be read", metadata: ["webhook.id": "\(webhook.id)", "error": "\(error)"])
        }
    }

    /// While something waits only full messages are made, so that a slow receiver gets few large ones.
    /// - Returns: whether the changes since are known.
    private func collectChanges(
        after position: WebhookQueue.Position, _ waiting: Int, for webhook: HeldWebhook
    ) async throws -> Bool {
        let known = try await people.store.changes(
            of: webhook.organization, epoch: position.epoch, after: position.seq)
        guard let known else { return false }
        let whole = waiting == 0 ? known.count : known.count - known.count % Limits.webhookEvents
        let changes = Array(known.prefix(min(whole, (Self.mostWaiting - waiting) * Limits.webhookEvents)))
        guard let last = changes.last else { return true }
        try await queue.put(
            try NewLetter.changed(changes, of: webhook.organization, epoch: position.epoch),
            upTo: .init(epoch: position.epoch, seq: last.seq), for: webhook)
        return true
    }

    // MARK: Out of the queue

    /// - Returns: whether there was one and it was delivered or given up, so that the next one may follow.
    private func deliverFirst(of webhook: HeldWebhook) async -> Bool {
        do {
            guard let letter = try await queue.first(of: webhook) else { return false }
            let outcome = await sender.send(letter, to: webhook)
            // Also when the process is told to stop just now.
            return await Task { await note(outcome, letter, webhook) }.value
        } catch {
            logger.debug(
                "Messages could not be looked for", metadata: ["webhook.id": "\(webhook.id)", "error": "\(error)"])
            return false
        }
    }

    private func note(
        _ outcome: WebhookSender.Outcome, _ letter: WebhookQueue.Letter, _ webhook: HeldWebhook
    ) async -> Bool {
        switch outcome {
        case .delivered:
            WebhookMetrics.attempted(.delivered)
            return await keep { try await queue.delivered(letter, to: webhook) }
        case .failed(let failure):
            let pause = retry.pause(afterFailures: letter.attempts)
            report(failure, isDead: pause == nil, letter, webhook)
            let isKept = await keep { try await queue.failed(letter, of: webhook, failure, next: pause) }
            return isKept && pause == nil
        case .gone(let failure):
            report(failure, isDead: true, letter, webhook)
            logger.warning(
                "A receiver wants no messages any more; its webhook is disabled",
                metadata: ["webhook.id": "\(webhook.id)"])
            _ = await keep { try await queue.failed(letter, of: webhook, failure, next: nil, isGone: true) }
            return false
        }
    }

    /// A message that was delivered and of which that is not known is delivered again.
    private func keep(_ change: () async throws -> Void) async -> Bool {
        for attempt in 1...Self.noteAttempts {
            do {
                try await change()
                return true
            } catch {
                logger.log(
                    level: attempt == Self.noteAttempts ? .error : .debug,
                    "What became of a message to a webhook could not be kept", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return false
    }

    private func report(
        _ failure: WebhookFailure, isDead: Bool, _ letter: WebhookQueue.Letter, _ webhook: HeldWebhook
    ) {
        WebhookMetrics.attempted(isDead ? .dead : .failed)
        logger.log(
            level: isDead ? .warning : .info,
            isDead ? "A message to a webhook was given up" : "A message could not be delivered yet",
            metadata: [
                "webhook.id": "\(webhook.id)", "message.id": "\(letter.message)",
                "attempts": "\(letter.attempts + 1)", "reason": "\(failure.reason.rawValue)",
                "status": "\(failure.status ?? 0)",
            ])
    }
}
