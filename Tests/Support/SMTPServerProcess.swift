import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The mail server of `Tests/Fixtures/smtp_server.py`, of one test alone, on loopback. It ends with this process.
public actor SMTPServerProcess {
    public enum Encryption: Sendable {
        case none
        case startTLS
        case implicit
    }

    /// What it says of the mails to come.
    public enum Answer: String, Sendable {
        case taken = ""
        case busy = "451"
        case refused = "550"
        case busyAtEnd = "end-451"
        case refusedAtEnd = "end-550"
        case drops = "drop"
        /// It takes the mail, and the connection ends before it can say so.
        case dropsAtEnd = "drop-end"
        /// It says nothing for a minute after it has read the mail.
        case silent = "slow"
    }

    public nonisolated let port: Int
    public nonisolated let certificates: TestCertificates
    /// Where it can be reached by the name that its certificate has.
    public nonisolated var url: String { "\(isImplicit ? "smtps" : "smtp")://localhost:\(port)" }
    /// PEM file of the authority of its certificate.
    public nonisolated var authorityFile: String { certificates.authorityFile }

    private nonisolated let folder: URL
    private nonisolated let isImplicit: Bool
    private let process: Process
    private let input: Pipe

    /// - Parameter account: user and password, without which it takes nothing.
    public static func withServer<Result: Sendable>(
        _ encryption: Encryption = .startTLS, name: String = "localhost",
        account: (user: String, password: String)? = nil,
        _ body: @Sendable (SMTPServerProcess) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-smtp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try await SMTPServerProcess(folder, encryption, name, account)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private init(
        _ folder: URL, _ encryption: Encryption, _ name: String, _ account: (user: String, password: String)?
    ) async throws {
        certificates = try await TestCertificates.make(
            in: folder, commonName: name, alternativeNames: "DNS:\(name)")
        var arguments = [TestPython.file("Tests/Fixtures/smtp_server.py"), "--folder", folder.path]
        if encryption != .none { arguments += ["--tls", certificates.certificateFile, certificates.keyFile] }
        if encryption == .implicit { arguments.append("--implicit") }
        if let account { arguments += ["--account", account.user, account.password] }
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: try TestPython.interpreter())
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        guard let port = await TestPython.firstLine(output, of: process).flatMap({ Int($0) }) else {
            throw TestServerError("the mail server does not start")
        }
        self.folder = folder
        isImplicit = encryption == .implicit
        self.process = process
        self.input = input
        self.port = port
    }

    public nonisolated func set(_ answer: Answer) throws {
        try answer.rawValue.write(to: folder.appending(path: "answer"), atomically: true, encoding: .utf8)
    }

    /// Whether it has read a mail to its end and keeps silent.
    public nonisolated var isSilent: Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "silent").path)
    }

    /// As they came over the wire, in their order.
    public nonisolated func mails() throws -> [(recipient: String, bytes: [UInt8])] {
        let taken = folder.appending(path: "taken")
        return try FileManager.default.contentsOfDirectory(atPath: taken.path).filter { !$0.hasPrefix(".") }.sorted()
            .map { name in
                (String(name.dropFirst(5)), [UInt8](try Data(contentsOf: taken.appending(path: name))))
            }
    }

    /// The last mail's sender in the SMTP dialogue, and what the client called itself.
    public nonisolated func envelope() throws -> (sender: String, greeting: String) {
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        return (try text("sender"), try text("greeting"))
    }

    /// Ends it, and waits for the end.
    public func stop() async {
        try? input.fileHandleForWriting.close()
        for step in 1...500 where process.isRunning {
            if step == 200 { _ = Glibc.kill(process.processIdentifier, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// The Python of the tests, in which their packages are.
public enum TestPython {
    /// A file of the repository.
    public static func file(_ path: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: path).path
    }

    public static func interpreter() throws -> String {
        let path = file(".build-python/bin/python")
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestServerError("there is no \(path): run ops/install test")
        }
        return path
    }

    /// What a program says of its input.
    public static func run(_ program: String, input: [UInt8]) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID().uuidString)")
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: try interpreter())
        process.arguments = ["-c", program, file.path]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestServerError("Python fails: \(text)") }
        return text
    }

    /// Nothing when it ends before, or says nothing for 20 s; then it is killed.
    static func firstLine(_ output: Pipe, of process: Process) async -> String? {
        let limit = Task {
            try await Task.sleep(for: .seconds(20))
            _ = Glibc.kill(process.processIdentifier, SIGKILL)
        }
        defer { limit.cancel() }
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var line = Data()
                while !line.contains(UInt8(ascii: "\n")) {
                    let more = output.fileHandleForReading.availableData
                    guard !more.isEmpty else { return continuation.resume(returning: nil) }
                    line += more
                }
                continuation.resume(
                    returning: String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
    }
}
