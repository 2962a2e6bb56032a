import Foundation

/// A Janus of one test alone, with the product's own configuration, that may be killed and started again on the same port.
public actor JanusServerProcess {
    public static let apiSecret = "api-secret-of-a-test"
    public static let adminKey = "admin-key-of-a-test"

    public static let adminSecret = "admin-of-a-test"

    public nonisolated let port: Int
    /// Of Janus' admin API, which the product does not open.
    public nonisolated let adminPort: Int
    public nonisolated var url: String { "ws://127.0.0.1:\(port)" }
    public nonisolated var adminURL: String { "ws://127.0.0.1:\(adminPort)" }

    private let folder: URL
    private var child: ServerChild?

    public static func withServer<Result: Sendable>(
        _ body: @Sendable (JanusServerProcess) async throws -> Result
    ) async throws -> Result {
        let server = try await started()
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
    private static func started() async throws -> JanusServerProcess {
        for _ in 1...5 {
            let server = JanusServerProcess(port: try await freePort(), adminPort: try await freePort())
            do {
                try await server.start()
                return server
            } catch {
                await server.stop()
            }
        }
        throw TestServerError("janus does not start")
    }

    private init(port: Int, adminPort: Int) {
        self.port = port
        self.adminPort = adminPort
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-janus-\(UUID().uuidString)")
    }

    /// Starts Janus and waits until it accepts connections.
    public func start() async throws {
        try writeConfiguration()
        let command = ["janus", "-F", folder.path, "-C", folder.appending(path: "janus.jcfg").path]
        child = try await ServerChild.start(command, port: port)
    }

    /// `kill -9`, and waits for the end.
    public func kill() async {
        await child?.kill()
        child = nil
    }

    /// Whether it has neither ended nor been killed.
    public var isRunning: Bool { child?.isRunning == true }

    /// Stops answering without closing anything, as one that hangs.
    public func pause() { child?.pause() }

    public func resume() { child?.resume() }

    /// Kills Janus and removes its folder.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(at: folder)
    }

    private func writeConfiguration() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let first = 30_000 + Int.random(in: 0..<250) * 100
        let values = [
            "FOLDER": folder.path, "NAME": "test", "API_SECRET": Self.apiSecret, "ADMIN_SECRET": Self.adminSecret,
            "ADMIN_KEY": Self.adminKey, "RTP_PORTS": "\(first)-\(first + 99)", "INTERFACE": Self.interface(),
            "ICE_LITE": "true", "PUBLIC_ADDRESS": "", "ADDRESS": "127.0.0.1", "PORT": "\(port)",
        ]
        for name in ["janus.jcfg", "janus.plugin.videoroom.jcfg", "janus.transport.websockets.jcfg"] {
            var text = try String(
                contentsOf: root.appending(path: "ops/janus/\(name).template"), encoding: .utf8)
            for (key, value) in values { text = text.replacingOccurrences(of: "@\(key)@", with: value) }
            let admin = "admin_ws = true\n    admin_ws_ip = \"127.0.0.1\"\n    admin_ws_port = \(adminPort)"
            text = text.replacingOccurrences(of: "admin_ws = false", with: admin)
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
    }

    /// The interface of the default route: Janus does not use loopback.
    private static func interface() -> String {
        let routes = (try? String(contentsOfFile: "/proc/net/route", encoding: .utf8)) ?? ""
        for line in routes.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            if fields.count > 1, fields[1] == "00000000" { return String(fields[0]) }
        }
        return "eth0"
    }
}
