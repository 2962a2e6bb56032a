import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A Redis of one test alone, on loopback, that may be killed and started again on the same port. It keeps no data.
public actor RedisServerProcess {
    public nonisolated let port: Int
    /// Without credentials.
    public nonisolated var url: String { "redis://127.0.0.1:\(port)" }

    private let options: [String]
    private let folder: URL
    private var process: Process?

    /// - Parameter options: more of the command line, for example `["--requirepass", "secret"]`.
    public static func withServer<Result: Sendable>(
        options: [String] = [], _ body: @Sendable (RedisServerProcess) async throws -> Result
    ) async throws -> Result {
        let server = try await started(options: options)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// A free port may be taken by somebody else in the meantime: then another one is tried.
    private static func started(options: [String]) async throws -> RedisServerProcess {
        for _ in 1...5 {
            let server = RedisServerProcess(port: try await freePort(), options: options)
            do {
                try await server.start()
                return server
            } catch {
                await server.stop()
            }
        }
        throw TestServerError("redis-server does not start")
    }

    private init(port: Int, options: [String]) {
        self.port = port
        self.options = options
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-redis-\(UUID().uuidString)")
    }

    /// Starts the server and waits until it accepts connections.
    public func start() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [
                "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "",
                "--appendonly", "no", "--enable-debug-command", "yes",
            ] + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        for _ in 1...200 {
            guard process.isRunning else { break }
            if await accepts(port: port) { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw TestServerError("redis-server on port \(port) does not start")
    }

    /// `kill -9`, and waits for the end.
    public func kill() async {
        await end(with: SIGKILL)
    }

    /// Stops answering without closing anything, as a machine that hangs.
    public func pause() {
        if let process { _ = Glibc.kill(process.processIdentifier, SIGSTOP) }
    }

    public func resume() {
        if let process { _ = Glibc.kill(process.processIdentifier, SIGCONT) }
    }

    /// Kills the server and removes its folder.
    public func stop() async {
        await end(with: SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    private func end(with signal: CInt) async {
        guard let process else { return }
        self.process = nil
        _ = Glibc.kill(process.processIdentifier, signal)
        for _ in 1...400 where process.isRunning {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
