import Logging
import ParleyProtocol
import Synchronization

/// Failures that pass by themselves, such as PostgreSQL being away: each is logged for who looks for the cause, and when there is no end to
/// them a warning says so.
final class FailuresInARow: Sendable {
    /// A warning for so many.
    static let every = 60

    private let message: Logger.Message
    private let logger: Logger
    private let counts = Mutex<[WebhookID?: Int]>([:])

    /// - Parameter message: what could not be done.
    init(_ message: Logger.Message, logger: Logger) {
        self.message = message
        self.logger = logger
    }

    /// - Parameter webhook: for which it was tried, if it was for one; each is counted for itself.
    func failed(_ error: any Error, for webhook: WebhookID? = nil) {
        let count = counts.withLock { counts in
            counts[webhook, default: 0] += 1
            return counts[webhook, default: 0]
        }
        var metadata: Logger.Metadata = ["error": "\(error)", "attempts": "\(count)"]
        if let webhook { metadata["webhook.id"] = "\(webhook)" }
        logger.log(level: count.isMultiple(of: Self.every) ? .warning : .debug, message, metadata: metadata)
    }

    func succeeded(for webhook: WebhookID? = nil) {
        counts.withLock { $0[webhook] = nil }
    }
}
