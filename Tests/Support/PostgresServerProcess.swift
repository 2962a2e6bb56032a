import Foundation

/// A PostgreSQL server of one test alone, which may be stopped, killed and started again on the same port.
///
/// It listens on loopback only, trusts everybody and doesn't care for durability.
public actor PostgresServerProcess {
    public nonisolated let port: Int
    public nonisolated var url: String { "postgresql://postgres@127.0.0.1:\(port)/postgres" }

    private let folder: URL
    private let programs: URL
    private var process: Process?

    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    /// Creates a cluster, starts it, lends it to `body` and removes it.
    public static func withServer<T: Sendable>(
        _ body: @Sendable (PostgresServerProcess) async throws -> T
    ) async throws -> T {
        let server = try PostgresServerProcess()
        let result: Result<T, any Error>
        do {
            try await server.create()
            try await server.start()
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        await server.remove()
        return try result.get()
    }

    private init() throws {
        port = try Self.unusedPort()
        programs = try Self.findPrograms()
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("parley-postgres-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    public func start() async throws {
        let process = try launch(
            "postgres",
            [
                "-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "max_connections=40", "-c", "shared_buffers=8MB",
            ])
        self.process = process
        try await eventually(timeout: .seconds(30), "PostgreSQL starts") {
            guard process.isRunning else { throw Problem(description: "PostgreSQL ended while it started") }
            return try await self.run("pg_isready", ["-h", "127.0.0.1", "-p", String(self.port)]) == 0
                ? nil : "it doesn't accept connections"
        }
    }

    /// Rolls transactions back and ends ("fast shutdown").
    public func stop() async throws {
        try await end(signal: SIGINT)
    }

    /// Ends without a chance to say goodbye.
    public func kill() async throws {
        try await end(signal: SIGKILL)
    }

    public func restart() async throws {
        try await stop()
        try await start()
    }

    // MARK: Programs

    private var data: String { folder.appendingPathComponent("data").path }

    private func create() async throws {
        if geteuid() == 0 { try await giveFolderToPostgres() }
        let status = try await run(
            "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        guard status == 0 else { throw Problem(description: "initdb failed with status \(status)") }
    }

    private func end(signal: Int32) async throws {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, signal)
        try await eventually(timeout: .seconds(20), "PostgreSQL ends") { process.isRunning ? "it still runs" : nil }
        self.process = nil
    }

    private func remove() async {
        // Shielded, because the test's task may be cancelled by its time limit.
        await Task {
            try? await end(signal: SIGINT)
            try? await end(signal: SIGKILL)
            try? FileManager.default.removeItem(at: folder)
        }.value
    }

    private func giveFolderToPostgres() async throws {
        guard let user = getpwnam("postgres") else {
            throw Problem(description: "There is no user postgres, and PostgreSQL doesn't run as root.")
        }
        guard chown(folder.path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw Problem(description: "The folder can't be given to the user postgres.")
        }
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let process = try launch(program, arguments)
        try await eventually(timeout: .seconds(60), "\(program) ends") { process.isRunning ? "it still runs" : nil }
        return process.terminationStatus
    }

    private func launch(_ program: String, _ arguments: [String]) throws -> Process {
        let path = programs.appendingPathComponent(program).path
        let process = Process()
        if geteuid() == 0 {
            // PostgreSQL refuses to run as root. `setpriv` becomes the program, so that signals reach it.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments =
                ["--reuid", "postgres", "--regid", "postgres", "--init-groups", path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
        }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func findPrograms() throws -> URL {
        let root = URL(fileURLWithPath: "/usr/lib/postgresql")
        let versions = try FileManager.default.contentsOfDirectory(atPath: root.path)
        guard let newest = versions.compactMap({ Int($0) }).max() else {
            throw Problem(description: "There is no PostgreSQL in \(root.path).")
        }
        return root.appendingPathComponent("\(newest)/bin")
    }

    /// A port that was free a moment ago.
    private static func unusedPort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Problem(description: "There is no socket.") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw Problem(description: "There is no free port.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
