import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

/// Anything in any order. `PARLEY_TEST_SEEDS` and `PARLEY_TEST_STEPS` make it long; a failure names its seed.
@Suite("Seats under anything", .timeLimit(.minutes(30)))
struct SeatModelTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seeds = environment["PARLEY_TEST_SEEDS"].flatMap { Int($0) } ?? 8
    private static let steps = environment["PARLEY_TEST_STEPS"].flatMap { Int($0) } ?? 250

    private static func run(
        seed: UInt64, steps: Int, mutant: SeatModel.Mutant? = nil, isInOneEpoch: Bool = false
    ) async throws {
        try await RedisServerProcess.withServer { server in
            try await withRedisClient(url: server.url) { redis in
                var model = SeatModel(redis: redis, seed: seed, mutant: mutant, isInOneEpoch: isInOneEpoch)
                for step in 0..<steps {
                    do {
                        try await model.step()
                    } catch let violation as SeatModel.Violation {
                        throw Unexpected("seed \(seed), step \(step): \(violation)")
                    }
                }
                do {
                    try await model.settle()
                } catch let violation as SeatModel.Violation {
                    throw Unexpected("seed \(seed), at rest: \(violation)")
                }
            }
        }
    }

    @Test("whatever happens in whatever order, the rules of seats hold", arguments: 1...seeds)
    func rules(seed: Int) async throws {
        try await Self.run(seed: UInt64(seed), steps: Self.steps)
    }

    @Test("they hold too under the conditions under which the broken scripts are caught", arguments: 1...4)
    func control(seed: Int) async throws {
        try await Self.run(seed: UInt64(1_000 + seed), steps: Self.steps, isInOneEpoch: true)
    }

    @Test("a script that breaks a rule is caught", arguments: SeatModel.Mutant.allCases)
    func mutants(_ mutant: SeatModel.Mutant) async throws {
        for seed in 1...40 {
            do {
                try await Self.run(
                    seed: UInt64(1_000 + seed), steps: Self.steps, mutant: mutant, isInOneEpoch: mutant.isAboutOneEpoch)
            } catch is Unexpected {
                return
            }
        }
        Issue.record("\(mutant) was not noticed")
    }
}
