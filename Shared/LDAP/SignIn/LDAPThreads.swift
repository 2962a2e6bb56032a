import Foundation
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The threads on which libldap blocks, for all directories of a process. Their number is bounded, and how many may
/// wait for them, and for how long.
public final class LDAPThreads: Service, Sendable {
    private typealias Queue = LDAPQueue<CheckedContinuation<Bool, Never>>

    private let pool: NIOThreadPool
    private let waitLimit: Duration
    private let queue: Mutex<Queue>

    /// - Parameters:
    ///   - threads: how many sign-ins run at once; they wait for the network most of the time. Half of them, but one at
    ///     least, are for one directory.
    ///   - queue: how many may wait while threads are busy, half of them for one directory.
    ///   - waitLimit: how long each of them does.
    public init(threads: Int = 8, queue: Int = 256, waitLimit: Duration = .seconds(5)) {
        pool = NIOThreadPool(numberOfThreads: max(1, threads))
        self.waitLimit = waitLimit
        self.queue = Mutex(Queue(threads: threads, capacity: queue))
    }

    /// Until then, and after shutdown, everything is refused. Those that run at shutdown come to their end, which their
    /// limits bring soon.
    public func run() async throws {
        pool.start()
        try? await gracefulShutdown()
        try await stop()
    }

    /// Runs for as long as `body` does, for commands and tests.
    public func once<Value: Sendable>(
        _ body: @Sendable (LDAPThreads) async throws -> Value
    ) async throws -> Value {
        pool.start()
        let result: Result<Value, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        try await stop()
        return try result.get()
    }

    private func stop() async throws {
        for waiter in queue.withLock({ $0.close() }) { waiter.resume(returning: false) }
        try await pool.shutdownGracefully()
    }

    /// Whether nobody runs or waits.
    var isIdle: Bool { queue.withLock { $0.isEmpty } }

    /// Runs what blocks.
    /// - Parameter directory: whose share of the threads it uses.
    /// - Throws: `busy`, or what `body` throws.
    func run<Value: Sendable>(
        for directory: String, _ body: @escaping @Sendable () throws(LDAPError) -> Value
    ) async throws(LDAPError) -> Value {
        let ticket = queue.withLock { $0.ticket(for: directory) }
        guard await mayStart(ticket) else { throw .busy }
        let result: Result<Value, LDAPError>
        do {
            result = try await pool.runIfActive {
                Self.ignoreBrokenPipes()
                return Result { () throws(LDAPError) in try body() }
            }
        } catch {
            // The threads are stopped, or the task was cancelled before it began.
            result = .failure(.busy)
        }
        queue.withLock { $0.leave(ticket) }?.resume(returning: true)
        return try result.get()
    }

    private func mayStart(_ ticket: Queue.Ticket) async -> Bool {
        await withCheckedContinuation { waiter in
            switch queue.withLock({ $0.arrive(ticket, waiter) }) {
            case .mayStart: waiter.resume(returning: true)
            case .isRefused: waiter.resume(returning: false)
            case .mustWait:
                MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: TimeAmount(waitLimit)) {
                    self.queue.withLock { $0.giveUp(ticket) }?.resume(returning: false)
                }
            }
        }
    }

    /// libldap writes to sockets whose other end may be gone. The threads are ours alone, so that this stays.
    private static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
