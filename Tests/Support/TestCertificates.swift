import Foundation

/// A certificate authority that lives for a test, and what it has signed.
public struct TestCertificates: Sendable {
    /// PEM text of the authority.
    public let authority: String
    /// Files in the folder.
    public let authorityFile: String
    let certificateFile: String
    let keyFile: String

    /// - Parameters:
    ///   - folder: where the files go.
    ///   - commonName: of the server's subject.
    ///   - alternativeNames: as OpenSSL writes them, for example `IP:127.0.0.1`; `nil` for none.
    static func make(in folder: URL, commonName: String, alternativeNames: String?) async throws -> TestCertificates {
        func file(_ name: String) -> String { folder.appending(path: name).path }
        let common = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        try await run(
            ["openssl", "req", "-x509", "-subj", "/CN=Authority of a test", "-keyout", file("authority.key")]
                + ["-addext", "keyUsage=critical,keyCertSign", "-out", file("authority.pem")] + common)
        var extensions = ["-addext", "basicConstraints=critical,CA:FALSE"]
        if let alternativeNames { extensions += ["-addext", "subjectAltName=\(alternativeNames)"] }
        try await run(
            ["openssl", "req", "-x509", "-CA", file("authority.pem"), "-CAkey", file("authority.key")]
                + ["-subj", "/CN=\(commonName)", "-keyout", file("server.key"), "-out", file("server.pem")]
                + extensions + common)
        return TestCertificates(
            authority: try String(contentsOfFile: file("authority.pem"), encoding: .utf8),
            authorityFile: file("authority.pem"), certificateFile: file("server.pem"), keyFile: file("server.key"))
    }
}

/// Runs a program to its end.
/// - Throws: `TestServerError` with what it said, if it fails or takes 20 s.
func run(_ command: [String]) async throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    for _ in 1...4_000 where process.isRunning {
        try await Task.sleep(for: .milliseconds(5))
    }
    guard !process.isRunning else {
        process.terminate()
        throw TestServerError("\(command.first ?? "a program") does not end")
    }
    guard process.terminationStatus == 0 else {
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        throw TestServerError("\(command.joined(separator: " ")): \(text)")
    }
}
