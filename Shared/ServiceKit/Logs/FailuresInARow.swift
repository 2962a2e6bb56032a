import Logging
import Synchronization

/// Failures that pass by themselves, such as PostgreSQL being away: each is logged for who looks for the cause, and when there is no end to
/// them a warning says so.
public final class FailuresInARow: Sendable {
    /// A warning for so many.
    public static let every = 60
    /// Things for which failures are counted at once. The counts of those that are gone are forgotten with all others.
    static let mostThings = 1_000

    private let message: Logger.Message
    private let logger: Logger
    private let counts = Mutex<[String: Int]>([:])

    /// - Parameter message: what could not be done.
    public init(_ message: Logger.Message, logger: Logger) {
        self.message = message
        self.logger = logger
    }

    /// - Parameter thing: for what it was tried, by a name of its own; each is counted for itself.
    public func failed(_ error: any Error, for thing: String = "") {
        let count = counts.withLock { counts in
            if counts.count >= Self.mostThings, counts[thing] == nil { counts = [:] }
            counts[thing, default: 0] += 1
            return counts[thing, default: 0]
        }
        var metadata: Logger.Metadata = ["error": "\(error)", "attempts": "\(count)"]
        if !thing.isEmpty { metadata["for"] = "\(thing)" }
        logger.log(level: count.isMultiple(of: Self.every) ? .warning : .debug, message, metadata: metadata)
    }

    public func succeeded(for thing: String = "") {
        counts.withLock { $0[thing] = nil }
    }
}
