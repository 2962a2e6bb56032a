import Foundation
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// What is done for one webhook that this process holds: changes go into its queue, and what waits goes out, one message at a time.
struct WebhookWork: Sendable {
    /// With so many waiting, no more are put into the queue: what comes meanwhile stays in the log of changes, and after that is
    /// one snapshot.
    static let mostWaiting = 20
    /// Messages after which others have their turn.
    private static let turns = 50
    /// A message is not sent any more when so much time has passed since its webhook was held: the process stood still, and by the end
    /// of an attempt another one may have the webhook. What stands still after this look may still send late.
    static let fresh = Duration.seconds(20)
    /// For writing down what became of a message, again and again. After that it is delivered again.
    private static let noting = Duration.seconds(25)

    let queue: WebhookQueue
    let people: People
    let sender: WebhookSender
    let retry: WebhookRetry
    let logger: Logger
    private let collecting: FailuresInARow
    private let looking: FailuresInARow
    private let releasing: FailuresInARow

    init(queue: WebhookQueue, people: People, sender: WebhookSender, retry: WebhookRetry, logger: Logger) {
        self.queue = queue
        self.people = people
        self.sender = sender
        self.retry = retry
        self.logger = logger
        collecting = FailuresInARow("Changes could not be read", for: "webhook.id", logger: logger)
        looking = FailuresInARow("Messages could not be looked for", for: "webhook.id", logger: logger)
        releasing = FailuresInARow("A webhook was not released", for: "webhook.id", logger: logger)
    }

    func run(for webhook: HeldWebhook, pause: Duration) async {
        for _ in 1...Self.turns {
            await collect(for: webhook)
            guard await deliverFirst(of: webhook), !Task.isCancelled, !Task.isShuttingDownGracefully else { break }
        }
        // Also when the process is told to stop just now: others need not wait for the end of the lease.
        await Task {
            do {
                try await queue.release(webhook, after: pause)
                releasing.succeeded(for: webhook.id.rawValue)
            } catch {
                releasing.failed(error, for: webhook.id.rawValue)
            }
        }.value
    }

    // MARK: Into the queue

    private func collect(for webhook: HeldWebhook) async {
        do {
            if let state = try await queue.state(of: webhook) { try await collect(after: state, for: webhook) }
            collecting.succeeded(for: webhook.id.rawValue)
        } catch {
            // Redis is away, for instance: what waits goes out all the same.
            collecting.failed(error, for: webhook.id.rawValue)
        }
    }

    private func collect(after state: WebhookQueue.State, for webhook: HeldWebhook) async throws {
        guard state.waiting < Self.mostWaiting else { return }
        if let position = state.position, try await collectChanges(after: position, state, for: webhook) { return }
        // A snapshot may have many parts, and what waits comes first.
        guard state.waiting == 0 else { return }
        let snapshot = try await people.snapshot(of: webhook.organization)
        try await queue.put(
            try NewLetter.snapshot(snapshot, of: webhook.organization, from: state.nextTimestamp),
            upTo: .init(epoch: snapshot.epoch, seq: snapshot.seq), after: state, for: webhook)
    }

    /// While something waits only full messages are made, so that a slow receiver gets few large ones.
    /// - Returns: whether the changes since are known.
    private func collectChanges(
        after position: WebhookQueue.Position, _ state: WebhookQueue.State, for webhook: HeldWebhook
    ) async throws -> Bool {
        let waiting = state.waiting
        let known = try await people.store.changes(
            of: webhook.organization, epoch: position.epoch, after: position.seq)
        guard let known else { return false }
        let whole = waiting == 0 ? known.count : known.count - known.count % Limits.webhookEvents
        let changes = Array(known.prefix(min(whole, (Self.mostWaiting - waiting) * Limits.webhookEvents)))
        guard let last = changes.last else { return true }
        try await queue.put(
            try NewLetter.changed(
                changes, of: webhook.organization, epoch: position.epoch, from: state.nextTimestamp),
            upTo: .init(epoch: position.epoch, seq: last.seq), after: state, for: webhook)
        return true
    }

    // MARK: Out of the queue

    /// - Returns: whether there was one and it was delivered or given up, so that the next one may follow.
    private func deliverFirst(of webhook: HeldWebhook) async -> Bool {
        // By a clock that goes on while the process stands still, and that nobody sets.
        let asked = ContinuousClock.now
        do {
            guard let letter = try await queue.first(of: webhook) else {
                looking.succeeded(for: webhook.id.rawValue)
                return false
            }
            looking.succeeded(for: webhook.id.rawValue)
            guard asked.duration(to: .now) < Self.fresh else { return false }
            let outcome = await sender.send(letter, to: webhook)
            // Cut off here: it says nothing about the receiver, and the message is sent again.
            if case .failed = outcome, Task.isCancelled { return false }
            // Also when the process is told to stop just now.
            return await Task { await note(outcome, letter, webhook) }.value
        } catch {
            looking.failed(error, for: webhook.id.rawValue)
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
    private func keep(_ change: @escaping @Sendable () async throws -> Void) async -> Bool {
        let isKept = await bounded(Self.noting) {
            while !Task.isCancelled {
                do {
                    try await change()
                    return true
                } catch {
                    logger.debug(
                        "What became of a message to a webhook could not be kept yet", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            return false
        }
        if isKept != true { logger.error("What became of a message to a webhook could not be kept") }
        return isKept == true
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
