import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The OpenID provider of `Tests/Fixtures/oidc_provider.py`, of one test alone, on loopback. It ends with this process.
public actor OIDCProviderProcess {
    public nonisolated let port: Int
    public nonisolated var issuer: String { "http://127.0.0.1:\(port)" }

    private let process: Process
    /// The provider ends when this is closed.
    private let input: Pipe

    /// - Parameters:
    ///   - users: JSON: user names to objects with a `password`; the rest are claims.
    ///   - options: More of the command line, for example `["--client-secret", "secret"]`.
    public static func withProvider<Result: Sendable>(
        users: String, options: [String] = [], _ body: @Sendable (OIDCProviderProcess) async throws -> Result
    ) async throws -> Result {
        let provider = try await started(users: users, options: options)
        do {
            let result = try await body(provider)
            await provider.stop()
            return result
        } catch {
            await provider.stop()
            throw error
        }
    }

    private static func started(users: String, options: [String]) async throws -> OIDCProviderProcess {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: try TestPython.interpreter())
        process.arguments =
            [TestPython.file("Tests/Fixtures/oidc_provider.py"), "--users", users] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let port = await TestPython.firstLine(output, of: process).flatMap({ Int($0) }) else {
            kill(process)
            throw TestServerError("the OpenID provider does not start")
        }
        return OIDCProviderProcess(process: process, input: input, port: port)
    }

    private init(process: Process, input: Pipe, port: Int) {
        self.process = process
        self.input = input
        self.port = port
    }

    /// Ends it, and waits for the end.
    public func stop() async {
        try? input.fileHandleForWriting.close()
        for step in 1...500 where process.isRunning {
            if step == 200 { Self.kill(process) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func kill(_ process: Process) {
        guard process.isRunning else { return }
        _ = Glibc.kill(process.processIdentifier, SIGKILL)
    }
}
