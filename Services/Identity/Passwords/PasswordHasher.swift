import NIOPosix
import ServiceLifecycle
import Synchronization

/// Hashes and checks passwords on two threads of its own. Each hash takes tenths of a second and tens of mebibytes, so
/// that the number at once is bounded, and what may wait for them too.
final class PasswordHasher: Service, Sendable {
    /// Too many passwords are waiting, or this one has waited too long; try again later.
    struct Busy: Error {}

    enum Verdict: Hashable, Sendable {
        case wrong
        /// With a new hash to store when the stored one is weaker than what is demanded today.
        case right(replacement: PasswordHash?)
    }

    let cost: ScryptCost
    private let pool: NIOThreadPool
    private let capacity: Int
    private let waitLimit: Duration
    private let admitted = Mutex(0)

    /// - Parameters:
    ///   - queue: how many may wait while the threads are busy.
    ///   - waitLimit: how long each of them does; a slow machine does not work off a whole queue in good time.
    init(cost: ScryptCost, threads: Int = 2, queue: Int = 64, waitLimit: Duration = .seconds(5)) {
        self.cost = cost
        self.waitLimit = waitLimit
        pool = NIOThreadPool(numberOfThreads: threads)
        capacity = threads + queue
    }

    /// Until then, and after shutdown, everything is refused.
    func run() async throws {
        pool.start()
        try? await gracefulShutdown()
        try await pool.shutdownGracefully()
    }

    /// Runs for as long as `body` does, for commands and tests.
    func once<Value: Sendable>(
        _ body: @Sendable (PasswordHasher) async throws -> Value
    ) async throws -> Value {
        pool.start()
        let result: Result<Value, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        try await pool.shutdownGracefully()
        return try result.get()
    }

    /// - Throws: `Busy`, `ScryptError`, or NIO's error when it is not running.
    func hash(_ password: Password) async throws -> PasswordHash {
        let cost = cost
        return try await work { try PasswordHash(password, cost: cost) }
    }

    /// Checks a password. Without a hash, because there is no such account, it costs the same and is wrong.
    ///
    /// An account whose hash was made with weaker parameters is checked faster until it signs in again.
    func check(_ password: Password, against hash: PasswordHash?) async throws -> Verdict {
        let cost = cost
        return try await work {
            guard let hash else {
                _ = try PasswordHash.dummy(cost: cost).matches(password)
                return .wrong
            }
            guard try hash.matches(password) else { return .wrong }
            return .right(replacement: hash.cost.isWeaker(than: cost) ? try PasswordHash(password, cost: cost) : nil)
        }
    }

    private func work<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try admitted.withLock { admitted in
            guard admitted < capacity else { throw Busy() }
            admitted += 1
        }
        defer { admitted.withLock { $0 -= 1 } }
        let deadline = ContinuousClock.now + waitLimit
        return try await pool.runIfActive {
            guard ContinuousClock.now < deadline else { throw Busy() }
            return try body()
        }
    }
}
