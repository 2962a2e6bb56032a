import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite("Work that is done again and again", .timeLimit(.minutes(1)))
struct RepeatedWorkTests {
    private struct Away: Error {}

    /// Does `work` with the number of the round, until so many were done.
    private static func run(
        rounds: Int, logger: Logger = silentLogger(), _ work: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let done = Mutex(0)
        let repeated = RepeatedWork("It can't be done", every: .milliseconds(1), logger: logger) {
            let round = done.withLock { done in
                done += 1
                return done
            }
            try work(round)
        }
        let task = Task { await repeated.run() }
        try await eventually("\(rounds) rounds") {
            let done = done.withLock { $0 }
            return done >= rounds ? nil : "\(done)"
        }
        task.cancel()
        await task.value
    }

    @Test("a failure ends nothing, and is warned of when there is no end to them")
    func goesOn() async throws {
        let log = TestSupport.LogLines()
        let logger = Logger(label: "test") { _ in log.handler }
        try await Self.run(rounds: FailuresInARow.every + 1, logger: logger) { _ in throw Away() }
        #expect(log.all.contains { $0.hasPrefix("warning: It can't be done") })
    }

    @Test("failures with a success between them are not warned of")
    func success() async throws {
        let log = TestSupport.LogLines()
        let logger = Logger(label: "test") { _ in log.handler }
        try await Self.run(rounds: 2 * FailuresInARow.every + 1, logger: logger) { round in
            if !round.isMultiple(of: FailuresInARow.every) { throw Away() }
        }
        #expect(!log.all.isEmpty && !log.all.contains { $0.hasPrefix("warning") })
    }

    @Test("it ends with the service, also in a long pause")
    func shutdown() async throws {
        let done = Mutex(0)
        let work = RepeatedWork("It can't be done", every: .seconds(3_600), logger: silentLogger()) {
            done.withLock { $0 += 1 }
        }
        let group = ServiceGroup(configuration: .init(services: [work], logger: silentLogger()))
        let running = Task { try await group.run() }
        try await eventually("the first round") { done.withLock { $0 } == 1 ? nil : "it is not done" }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(done.withLock { $0 } == 1)
    }

    @Test("each sixtieth failure in a row is a warning, for each thing by itself, which is named")
    func failures() {
        let log = TestSupport.LogLines()
        let failures = FailuresInARow("It failed", for: "thing.id", logger: Logger(label: "test") { _ in log.handler })
        func warnings(_ thing: String) -> Int {
            log.all.count { $0.hasPrefix("warning: It failed") && $0.contains(#""thing.id": \#(thing)"#) }
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

    @Test("a fault of more things than are counted is warned of, of those too that are not counted by themselves")
    func manyThings() {
        let log = TestSupport.LogLines()
        let failures = FailuresInARow("It failed", for: "thing.id", logger: Logger(label: "test") { _ in log.handler })
        let (counted, further) = (FailuresInARow.mostThings, 10)
        func fail(rounds: Int) {
            for _ in 1...rounds { for thing in 1...counted + further { failures.failed(Away(), for: "\(thing)") } }
        }
        func warnings() -> Int { log.all.count { $0.hasPrefix("warning") } }
        fail(rounds: FailuresInARow.every / further - 1)
        #expect(warnings() == 0)
        fail(rounds: 1)
        #expect(warnings() == 1)
        fail(rounds: FailuresInARow.every - FailuresInARow.every / further)
        #expect(warnings() == counted + further)
        // It is over, and nothing is left of it.
        failures.failed(Away(), for: "further")
        for thing in 1...counted + further { failures.succeeded(for: "\(thing)") }
        for _ in 1..<FailuresInARow.every { failures.failed(Away(), for: "further") }
        #expect(warnings() == counted + further)
    }
}
