import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LDAP

@Suite("Threads for directories", .timeLimit(.minutes(1)))
struct ThreadsTests {
    @Test("before they run and after they have ended everything is refused")
    func ended() async throws {
        let threads = LDAPThreads()
        let directory = try LDAPAuthenticator(testing: Sample.settings("ldap://127.0.0.1:1"), threads)
        #expect(await #expect(throws: LDAPError.self) { try await directory.check() } == .busy)
        let running = Task { try await threads.run() }
        try await eventually("they run") {
            await error { try await directory.check() } == .busy ? "they do not" : nil
        }
        // A task that is cancelled ends them as a shutdown does.
        running.cancel()
        try await running.value
        #expect(await #expect(throws: LDAPError.self) { try await directory.check() } == .busy)
        #expect(threads.isIdle)
    }

    @Test("when one directory hangs, the others are asked at once, and too many for the hanging one are refused")
    func hanging() async throws {
        // More than one of these never runs: half of two threads.
        try await LDAPThreads(threads: 2, queue: 4, waitLimit: .milliseconds(200)).once { threads async throws in
            let gate = Mutex(false)
            let hanging = Task {
                try await threads.run(for: "hanging") { () throws(LDAPError) in
                    while !gate.withLock({ $0 }) { usleep(1_000) }
                    return 6
                }
            }
            try await eventually("it hangs") { threads.isIdle ? "it does not run" : nil }
            let started = ContinuousClock.now
            let outcomes = await withTaskGroup(of: LDAPError?.self) { group in
                for _ in 1...6 {
                    group.addTask {
                        await error { _ = try await threads.run(for: "hanging") { () throws(LDAPError) in 0 } }
                    }
                }
                return await group.reduce(into: [LDAPError?]()) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: .busy, count: 6))
            #expect(ContinuousClock.now - started < .seconds(2))
            #expect(try await threads.run(for: "other") { () throws(LDAPError) in 7 } == 7)
            gate.withLock { $0 = true }
            #expect(try await hanging.value == 6)
            #expect(try await threads.run(for: "hanging") { () throws(LDAPError) in 8 } == 8)
        }
    }

    @Test("who waits when they end is told, and who runs comes to an end")
    func end() async throws {
        let threads = LDAPThreads(threads: 1, queue: 4)
        let gate = Mutex(false)
        let running = Task { try await threads.run() }
        let first = Task { () async throws in
            // Until they run, they refuse.
            while true {
                do {
                    return try await threads.run(for: "a") { () throws(LDAPError) in
                        while !gate.withLock({ $0 }) { usleep(1_000) }
                        return 1
                    }
                } catch LDAPError.busy {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        let second = Task { await error { _ = try await threads.run(for: "a") { () throws(LDAPError) in 0 } } }
        try await Task.sleep(for: .milliseconds(50))
        running.cancel()
        #expect(await second.value == .busy)
        gate.withLock { $0 = true }
        #expect(try await first.value == 1)
        try await running.value
        #expect(threads.isIdle)
    }

    private func error(_ body: () async throws -> Void) async -> LDAPError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LDAPError
        }
    }
}
