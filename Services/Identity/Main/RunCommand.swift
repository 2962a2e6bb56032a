import ArgumentParser
import Foundation
import IdentityService
import Logging
import ParleyProtocol
import ServiceKit

/// Does one thing, says so on standard output and ends with 0; with 65 and a sentence on standard error when what was given
/// can't be taken; otherwise as `runProcess`.
func runCommand(_ body: @Sendable (Settings, Logger) async throws -> String) async throws {
    try await runProcess(.identity) { settings, logger in
        do {
            print(try await body(settings, logger))
        } catch let problem as InputProblem {
            try refuse(["\(problem)"])
        } catch let refused as AccountImport.Refused {
            try refuse(refused.problems.map(\.description))
        } catch let problem as ProblemError {
            try refuse([problem.title])
        }
    }
}

/// As `runCommand`, with the database.
func runAdministration(_ body: @escaping @Sendable (Administration) async throws -> String) async throws {
    try await runCommand { settings, logger in
        let database = DatabaseSettings.read(settings)
        let logN = PasswordSettings.logN(settings)
        try settings.finish()
        return try await Administration.with(database, scryptLogN: logN, logger: logger, body)
    }
}

private func refuse(_ sentences: [String]) throws {
    let text = sentences.map { "identity: \($0)\n" }.joined()
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    // EX_DATAERR of sysexits.h.
    throw ExitCode(65)
}

/// Standard input up to its end. Blocks, which harms nobody: nothing else runs in this process yet.
func readStandardInput(_ what: String, longest: Int) throws -> String {
    var data = Data()
    while data.count <= longest, let part = try FileHandle.standardInput.read(upToCount: 64 * 1_024), !part.isEmpty {
        data.append(part)
    }
    guard data.count <= longest else { throw InputProblem("\(what) is longer than \(longest) bytes.") }
    guard let text = String(validating: data, as: UTF8.self) else { throw InputProblem("\(what) must be UTF-8.") }
    return text
}
