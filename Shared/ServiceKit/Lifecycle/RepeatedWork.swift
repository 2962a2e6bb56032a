import Logging
import ServiceLifecycle

/// Work that is done again and again until the service stops, such as asking another service for what is new.
///
/// What fails is tried again the next time. Several processes may do the same: pauses differ by chance.
public struct RepeatedWork: Service {
    private let interval: Duration
    private let jitter: ClosedRange<Double>
    private let failures: FailuresInARow
    private let work: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - problem: what could not be done, for the log.
    ///   - interval: the pause between the end of one round and the beginning of the next.
    ///   - jitter: by what the pause is multiplied.
    public init(
        _ problem: Logger.Message, every interval: Duration, jitter: ClosedRange<Double> = 0.75...1.25,
        logger: Logger, _ work: @escaping @Sendable () async throws -> Void
    ) {
        self.interval = interval
        self.jitter = jitter
        self.work = work
        failures = FailuresInARow(problem, logger: logger)
    }

    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await work()
                    failures.succeeded()
                } catch {
                    if !Task.isCancelled { failures.failed(error) }
                }
                try? await Task.sleep(for: interval * Double.random(in: jitter))
            }
        }
    }
}
