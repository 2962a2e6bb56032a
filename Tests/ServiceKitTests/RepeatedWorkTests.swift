import Logging
import ServiceKit
import Synchronization
import TestSupport
import Testing

@Suite("Work that is done again and again", .timeLimit(.minutes(1)))
struct RepeatedWorkTests {
    private struct Away: Error {}

    @Test("a failure ends nothing, and it ends when it is told to")
    func goesOn() async throws {
        let rounds = Mutex(0)
        let work = RepeatedWork("It can't be done", every: .milliseconds(1), logger: silentLogger()) {
            rounds.withLock { $0 += 1 }
            throw Away()
        }
        let task = Task { await work.run() }
        try await eventually("five rounds") {
            let done = rounds.withLock { $0 }
            return done >= 5 ? nil : "\(done)"
        }
        task.cancel()
        await task.value
        let done = rounds.withLock { $0 }
        try await Task.sleep(for: .milliseconds(20))
        #expect(rounds.withLock { $0 } == done)
    }

    @Test("each sixtieth failure in a row is a warning, for each thing by itself")
    func failures() {
        let log = TestSupport.LogLines()
        let failures = FailuresInARow("It failed", logger: Logger(label: "test") { _ in log.handler })
        func warnings(_ thing: String) -> Int {
            log.all.count { $0.hasPrefix("warning: It failed") && $0.contains(thing) }
        }
        for _ in 1..<FailuresInARow.every { failures.failed(Away(), for: "first") }
        failures.failed(Away(), for: "second")
        #expect(warnings("first") == 0 && warnings("second") == 0)
        failures.failed(Away(), for: "first")
        #expect(warnings("first") == 1)
        failures.succeeded(for: "first")
        for _ in 1..<FailuresInARow.every { failures.failed(Away(), for: "first") }
        #expect(warnings("first") == 1 && warnings("second") == 0)
    }
}
