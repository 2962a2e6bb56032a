import ArgumentParser
import Foundation
import Hummingbird
import Logging
import ParleyProtocol
import TestSupport
import Testing

@testable import ServiceKit

/// Each test is a process of its own, because logs, metrics and signals belong to a whole process.
@Suite("A process from start to end", .timeLimit(.minutes(1)))
struct ProcessTests {
    @Test("wrong settings are printed, all of them, and the process ends with 78")
    func wrongSettings() async throws {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            await ending {
                try await runService(.identity) { _, logger in
                    let settings = Settings(environment: ["PARLEY_PORT": "x"])
                    _ = ServiceSettings(settings, name: .identity)
                    try settings.finish()
                    return serve(
                        ServiceSettings(name: .identity, clusterSecret: []), publicRouter: makePublicRouter(),
                        logger: logger)
                }
            }
        }
        let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("PARLEY_PORT is wrong: it must be a whole number from 0 to 65535"))
        #expect(lines.contains("PARLEY_CLUSTER_SECRET is missing: the secret that the services share"))
        #expect(lines.contains("PARLEY_PUBLIC_URL is missing: the URL at which people reach Parley"))
    }

    @Test("SIGTERM ends the process in order, with everything it logged")
    func sigterm() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            await ending {
                try await runService(.presence) { _, logger in
                    serve(
                        ServiceSettings(
                            name: .presence, clusterSecret: [UInt8]("a secret of this test, 32 bytes".utf8)),
                        publicRouter: makePublicRouter(), logger: logger,
                        onListening: { _ in kill(getpid(), SIGTERM) })
                }
            }
        }
        let messages = events(result?.standardOutputContent ?? []).compactMap { $0["message"] as? String }
        #expect(messages.contains("Starting"))
        #expect(messages.last == "Stopped")
        #expect(events(result?.standardOutputContent ?? []).allSatisfy { $0["service"] as? String == "presence" })
    }

    @Test("an error at start is logged, and the process ends with 1")
    func failure() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardOutputContent]) {
            await ending {
                try await runProcess(.directory) { _, _ in throw NotYet(description: "no database") }
            }
        }
        let event = events(result?.standardOutputContent ?? []).last
        #expect(event?["level"] as? String == "critical")
        #expect(event?["error"] as? String == "no database")
    }

    /// The lines that are JSON; the test library writes others.
    private func events(_ output: [UInt8]) -> [[String: any Sendable]] {
        output.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONSerialization.jsonObject(with: Data($0)) as? [String: any Sendable]
        }
    }
}

/// Ends the process as an executable would.
private func ending(_ body: () async throws -> Void) async {
    do {
        try await body()
        exit(0)
    } catch let code as ExitCode {
        exit(code.rawValue)
    } catch {
        exit(99)
    }
}
