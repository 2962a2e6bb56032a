import Foundation
import Logging
import Mail
import Metrics
import ServiceKit
import ServiceLifecycle

/// Sends what is in the outbox, a few at a time. Several processes may do it at once: each mail is sent by one of them, and a second
/// time only if that one dies between the server's answer and writing it down.
struct MailDelivery: Service {
    /// How long the mails that are under way may take when the process stops.
    static let grace = Duration.seconds(10)
    /// Attempts at writing down what became of a mail, one a second; together with sending shorter than the lease.
    private static let noteAttempts = 60

    let queue: MailQueue
    let sender: MailSender
    let from: Mailbox
    let vault: LetterVault
    /// Where answers go: the address of who has caused the mail.
    let replies: ReplyAddresses
    let logger: Logger
    var interval = Duration.seconds(2)

    func run() async throws {
        await withTaskGroup(of: Bool.self) { group in
            let workers = sender.limits.parallel
            for _ in 0..<workers {
                group.addTask {
                    await work()
                    return true
                }
            }
            group.addTask {
                await keepHouse()
                return false
            }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.grace)
                return false
            }
            var left = workers
            // Ends when nothing is under way any more, or the time for it is over.
            for await isWorker in group {
                left -= isWorker ? 1 : 0
                if !isWorker || left == 0 { group.cancelAll() }
            }
        }
    }

    private func work() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            if await sendNext() { continue }
            // Jitter: several processes should not ask at the same moment.
            try? await cancelWhenGracefulShutdown {
                try await Task.sleep(for: interval * Double.random(in: 0.75...1.25))
            }
        }
    }

    /// - Returns: whether there was one that was due.
    func sendNext() async -> Bool {
        do {
            guard let item = try await queue.take() else { return false }
            let outcome = await send(item)
            // Also when the process is told to stop just now.
            await Task { await note(outcome, of: item) }.value
            return true
        } catch {
            logger.debug("Mail could not be looked for", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func send(_ item: MailQueue.Item) async -> MailQueue.Outcome {
        guard let to = Mailbox(item.recipient), let letter = try? vault.open(item.sealed, mail: item.id) else {
            return .failed("It can't be read; was the key of PINs changed?")
        }
        let replyTo: Mailbox?
        do throws(ProblemError) {
            replyTo = try await replies.address(of: item.account, in: item.organization)
        } catch {
            // Who has got the mail could not answer it any more. Only when its time is over it goes without.
            if let pause = MailRetry.pause(attempts: item.attempts, age: item.age) {
                return .again(pause, "Where answers go is not known while identity is away.")
            }
            replyTo = nil
        }
        let message = letter.message(id: item.id, from: from, to: to, replyTo: replyTo, date: item.createdAt)
        do throws(MailError) {
            try await sender.send(message)
            return .sent
        } catch {
            guard !error.isPermanent, let pause = MailRetry.pause(attempts: item.attempts, age: item.age) else {
                return .failed(error.description)
            }
            return .again(pause, error.description, mayHaveArrived: error.mayHaveArrived)
        }
    }

    private func note(_ outcome: MailQueue.Outcome, of item: MailQueue.Item) async {
        report(outcome, of: item)
        for attempt in 1...Self.noteAttempts {
            do {
                return try await queue.note(outcome, of: item)
            } catch {
                // A mail that was sent and of which that is not known is sent again.
                logger.log(
                    level: attempt == Self.noteAttempts ? .error : .debug, "What became of a mail could not be kept",
                    metadata: ["mail.id": "\(item.id)", "error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func report(_ outcome: MailQueue.Outcome, of item: MailQueue.Item) {
        let result: String
        switch outcome {
        case .sent: result = "sent"
        case .again(_, let error, _):
            result = "postponed"
            logger.info(
                "A mail could not be sent yet",
                metadata: ["mail.id": "\(item.id)", "attempts": "\(item.attempts)", "error": "\(error)"])
        case .failed(let error):
            result = "failed"
            logger.warning(
                "A mail was given up",
                metadata: ["mail.id": "\(item.id)", "attempts": "\(item.attempts)", "error": "\(error)"])
        }
        Counter(label: "directory_mails_total", dimensions: [("result", result)]).increment()
    }

    /// How many wait, for the metrics, and what is long over.
    private func keepHouse() async {
        let waiting = Gauge(label: "directory_mails_waiting")
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let count = try? await queue.waiting() { waiting.record(count) }
                try? await queue.removeOld()
                try? await Task.sleep(for: .seconds(60))
            }
        }
        // What is under way may still come to its end.
        try? await Task.sleep(for: Self.grace * 2)
    }
}
