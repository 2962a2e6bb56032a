import Logging
import Synchronization

/// Failures that pass by themselves, such as PostgreSQL being away: each is logged for who looks for the cause, and when there is no end to
/// them a warning says so.
public final class FailuresInARow: Sendable {
    /// A warning for so many.
    public static let every = 60
    /// Things for which failures are counted, each for itself. Those of further ones are counted together: a fault that all of them have
    /// is told of, too.
    static let mostThings = 1_000

    private struct Counts {
        var things: [String: Int] = [:]
        var others = 0
    }

    private let message: Logger.Message
    private let key: String
    private let logger: Logger
    private let counts = Mutex(Counts())

    /// - Parameters:
    ///   - message: what could not be done.
    ///   - key: as what the log names the thing that it was tried for.
    public init(_ message: Logger.Message, for key: String = "thing", logger: Logger) {
        self.message = message
        self.key = key
        self.logger = logger
    }

    /// - Parameter thing: for what it was tried, by a name of its own; each is counted for itself.
    public func failed(_ error: any Error, for thing: String = "") {
        let count = counts.withLock { counts in
            if let known = counts.things[thing] ?? (counts.things.count < Self.mostThings ? 0 : nil) {
                counts.things[thing] = known + 1
                return known + 1
            }
            counts.others += 1
            return counts.others
        }
        var metadata: Logger.Metadata = ["error": "\(error)", "attempts": "\(count)"]
        if !thing.isEmpty { metadata[key] = "\(thing)" }
        logger.log(level: count.isMultiple(of: Self.every) ? .warning : .debug, message, metadata: metadata)
    }

    public func succeeded(for thing: String = "") {
        counts.withLock { counts in
            counts.things[thing] = nil
            if counts.things.isEmpty { counts.others = 0 }
        }
    }
}
