import DequeModule
import Foundation

/// Runs an actor's jobs, one after the other, on a thread of its own, so that blocking calls block nobody else.
///
/// The thread lives until `stop()`; the actor that owns the executor calls it in its `deinit`, when no job can follow.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    // Unchecked, because the variables below are only touched while `condition` is locked.
    private let condition = NSCondition()
    private var jobs: Deque<UnownedJob> = []
    private var owner: pthread_t?
    private var stopping = false

    init(name: String) {
        let thread = Thread { self.runJobs() }
        thread.name = name
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Stops the process when the caller is not on this executor's thread, as `assumeIsolated` promises.
    func checkIsolated() {
        condition.lock()
        let owner = owner
        condition.unlock()
        precondition(owner.map { pthread_equal($0, pthread_self()) != 0 } ?? false, "not on the connection's thread")
    }

    /// Ends the thread after the jobs that wait.
    func stop() {
        condition.lock()
        stopping = true
        condition.signal()
        condition.unlock()
    }

    private func runJobs() {
        condition.lock()
        owner = pthread_self()
        condition.unlock()
        while let job = nextJob() {
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    private func nextJob() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty && !stopping { condition.wait() }
        return jobs.popFirst()
    }
}
