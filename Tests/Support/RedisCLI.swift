import Foundation

/// Says things to one node that no client of a cluster would say.
enum RedisCLI {
    /// - Returns: the answer, without the line break at its end.
    /// - Throws: `TestServerError` if the answer is an error, or there is none within 5 s.
    @discardableResult
    static func run(_ port: Int, _ command: [String]) async throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-cli", "-e", "-h", "127.0.0.1", "-p", "\(port)"] + command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        for _ in 1...1_000 where process.isRunning {
            try await Task.sleep(for: .milliseconds(5))
        }
        guard !process.isRunning else {
            process.terminate()
            throw TestServerError("redis-cli gets no answer to \(command.joined(separator: " "))")
        }
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw TestServerError("\(command.joined(separator: " ")): \(text)")
        }
        return text.trimmingCharacters(in: .newlines)
    }
}
