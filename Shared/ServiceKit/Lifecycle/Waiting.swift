import ServiceLifecycle
import Synchronization

/// The result of `body`, or nothing when it takes longer than `limit`. It returns in time even if `body` ignores that it is
/// cancelled then.
public func bounded<Result: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async -> Result
) async -> Result? {
    let race = Race<Result?>()
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            race.start(continuation)
            let work = Task { race.finish(await body()) }
            let clock = Task {
                try? await Task.sleep(for: limit)
                race.finish(nil)
            }
            race.afterwards {
                work.cancel(); clock.cancel()
            }
        }
    } onCancel: {
        race.finish(nil)
    }
}

/// The same for what may throw.
public func bounded<Result: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    let result = await bounded(limit) { () async -> Swift.Result<Result, any Error> in
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
    return try result?.get()
}

/// The first result wins.
private final class Race<Result: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Result, Never>?
        var result: Result?
        var isFinished = false
        var cleanup: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func start(_ continuation: CheckedContinuation<Result, Never>) {
        let early = state.withLock { state -> Result? in
            if state.isFinished { return state.result }
            state.continuation = continuation
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func finish(_ result: Result) {
        let (continuation, cleanup) = state.withLock { state in
            guard !state.isFinished else {
                return (nil, nil) as (CheckedContinuation<Result, Never>?, (@Sendable () -> Void)?)
            }
            state.isFinished = true
            state.result = result
            defer { state.continuation = nil }
            return (state.continuation, state.cleanup)
        }
        continuation?.resume(returning: result)
        cleanup?()
    }

    func afterwards(_ cleanup: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            state.cleanup = cleanup
            return state.isFinished
        }
        if isOver { cleanup() }
    }
}

/// Runs `body` until it ends or is cancelled, which shutdown does.
func cancelOnShutdown(_ body: @escaping @Sendable () async -> Void) async {
    _ = await cancelWhenGracefulShutdown { await body() }
}

/// How long to wait before trying again.
public enum Backoff {
    /// Doubles from 250 ms with each failure up to `maximum`, then takes a random half of it, so that many don't come back at
    /// once.
    public static func delay(afterFailures failures: Int, maximum: Duration) -> Duration {
        let doubled = Duration.milliseconds(250) * (1 << min(max(0, failures - 1), 10))
        return min(doubled, maximum) * Double.random(in: 0.5...1)
    }
}
