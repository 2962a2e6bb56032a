import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A server that a test has started as a child of its own.
struct ServerChild {
    private let process: Process

    /// Runs the command and waits until somebody accepts connections at the port.
    ///
    /// - Throws: `TestServerError` when it ends at once or does not listen within 5 s; then it runs no more.
    static func start(_ command: [String], port: Int) async throws -> ServerChild {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let child = ServerChild(process: process)
        for _ in 1...200 {
            guard process.isRunning else { break }
            if await accepts(port: port) { return child }
            try? await Task.sleep(for: .milliseconds(25))
        }
        await child.kill()
        throw TestServerError("\(command.first ?? "a server") on port \(port) does not start")
    }

    var isRunning: Bool { process.isRunning }

    /// `kill -9`, and waits for the end.
    func kill() async {
        signal(SIGKILL)
        for _ in 1...400 where process.isRunning {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Stops answering without closing anything, as a machine that hangs.
    func pause() { signal(SIGSTOP) }

    func resume() { signal(SIGCONT) }

    private func signal(_ number: CInt) {
        guard process.isRunning else { return }
        _ = Glibc.kill(process.processIdentifier, number)
    }
}
