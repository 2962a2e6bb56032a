import Foundation

/// A Redis of one test alone, on loopback, that may be killed and started again on the same port. It keeps no data.
public actor RedisServerProcess {
    public nonisolated let port: Int
    /// Without credentials.
    public nonisolated var url: String { "redis://127.0.0.1:\(port)" }

    private let options: [String]
    private let folder: URL
    private var child: ServerChild?

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
    static func started(options: [String]) async throws -> RedisServerProcess {
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
        let command = [
            "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "",
            "--appendonly", "no", "--enable-debug-command", "yes",
        ]
        child = try await ServerChild.start(command + options, port: port)
    }

    /// `kill -9`, and waits for the end.
    public func kill() async {
        await child?.kill()
        child = nil
    }

    /// Stops answering without closing anything, as one that hangs.
    public func pause() { child?.pause() }

    public func resume() { child?.resume() }

    /// Kills the server and removes its folder.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(at: folder)
    }
}
