import Foundation
import Logging
import NIOPosix
import Redis
import TestSupport
import Testing

@Suite("Redis over TLS", .timeLimit(.minutes(1)))
struct RedisTLSTests {
    @Test("a certificate is verified: the right authority works, the system's do not know this one")
    func verification() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-redis-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        try await makeCertificate(certificate, key: key)
        let options = [
            "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no", "--tls-replication",
            "no",
        ]
        try await RedisServerProcess.withServer(options: options) { server async throws in
            try await withRedisClient(url: server.url) { client async throws in
                // The second, encrypted port is one that the kernel finds free.
                try await openTLSPort(client)
                let port = try await client.send("CONFIG", "GET", "tls-port").array?.last?.int ?? 0
                #expect(try await ping(port: port, certificateAuthorities: certificate))
                #expect(try await ping(port: port, certificateAuthorities: nil) == false)
            }
        }
    }

    private func openTLSPort(_ client: RedisClient) async throws {
        for _ in 1...20 {
            let port = Int.random(in: 20_000...32_000)
            if (try? await client.send("CONFIG", "SET", "tls-port", "\(port)")) != nil { return }
        }
        throw TestServerError("Redis opens no encrypted port")
    }

    private func ping(port: Int, certificateAuthorities: String?) async throws -> Bool {
        let client = RedisClient(
            try RedisConfiguration(
                url: "rediss://127.0.0.1:\(port)", commandTimeout: .milliseconds(2_000),
                certificateAuthorities: certificateAuthorities),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        let running = Task { try await client.run() }
        let answer = try? await client.send("PING")
        running.cancel()
        try await running.value
        return answer?.string == "PONG"
    }

    private func makeCertificate(_ certificate: String, key: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        guard process.terminationStatus == 0 else { throw TestServerError("openssl makes no certificate") }
    }
}
