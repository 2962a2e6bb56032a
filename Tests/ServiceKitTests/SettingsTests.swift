import Foundation
import ParleyProtocol
import Testing

@testable import ServiceKit

@Suite("Settings")
struct SettingsTests {
    private let good = "n8Xq2LwR7vYzT4mKc9PbJd6FhGs3Qe5A"

    @Test("everything that is missing or wrong is told at once, one line each")
    func allProblems() throws {
        let settings = Settings(environment: [
            "PARLEY_PORT": "70000", "PARLEY_LOG_LEVEL": "loud", "PARLEY_CLUSTER_SECRET": "changeme",
            "PARLEY_PUBLIC_URL": "http://meet.example.org", "PARLEY_TRUSTED_PROXIES": "gateway",
        ])
        _ = ServiceSettings(settings, name: .identity)
        _ = settings.url("DATABASE_URL", "the PostgreSQL URL of this service", schemes: ["postgresql"])
        let error = #expect(throws: SettingsError.self) { try settings.finish() }
        #expect(
            error?.problems == [
                "PARLEY_PORT is wrong: it must be a whole number from 0 to 65535",
                "PARLEY_LOG_LEVEL is wrong: it must be one of trace, debug, info, notice, warning, error, critical",
                "PARLEY_CLUSTER_SECRET is wrong: it is a placeholder, not a secret; make one with: openssl rand -base64 48",
                "PARLEY_PUBLIC_URL is wrong: plain http is for localhost only; browsers give no camera without https",
                "PARLEY_TRUSTED_PROXIES is wrong: each entry must be an address or a network such as 10.0.0.0/8",
                "PARLEY_DATABASE_URL is missing: the PostgreSQL URL of this service",
            ])
        #expect(SettingsError.exitCode == 78)
    }

    @Test("good settings are taken")
    func taken() throws {
        let settings = Settings(environment: [
            "PARLEY_CLUSTER_SECRET": good, "PARLEY_PUBLIC_URL": "https://Meet.example.org/", "PARLEY_PORT": "0",
            "PARLEY_EMPTY": "", "PARLEY_URLS": "ws://a:8188, ws://b:8188/",
        ])
        let service = ServiceSettings(settings, name: .signaling)
        #expect(settings.urls("URLS", "", schemes: ["ws"]) == ["ws://a:8188", "ws://b:8188"])
        #expect(settings.string("EMPTY", "", default: "x") == "x")
        try settings.finish()
        #expect(service.port == 0)
        #expect(service.innerPort == 9_103)
        #expect(service.clusterSecret == [UInt8](good.utf8))
        #expect(service.publicURL == "https://Meet.example.org")
        #expect(service.publicOrigin == "https://meet.example.org")
        #expect(service.trustedProxies.contains("127.0.0.1"))
    }

    @Test("a value may come from a file that a variable names, without its last newline")
    func secretFile() throws {
        let file = try TemporaryFile("\(good)\n")
        let settings = Settings(environment: ["PARLEY_CLUSTER_SECRET_FILE": file.path])
        #expect(settings.secretText("CLUSTER_SECRET", "") == good)
        try settings.finish()
    }

    @Test("a file that can't be read, and a value set twice, are problems")
    func fileProblems() throws {
        let file = try TemporaryFile(good)
        let settings = Settings(environment: [
            "PARLEY_A_FILE": "/nowhere/at/all", "PARLEY_B": good, "PARLEY_B_FILE": file.path,
        ])
        _ = settings.secret("A", "a secret")
        _ = settings.secret("B", "a secret")
        let error = #expect(throws: SettingsError.self) { try settings.finish() }
        #expect(
            error?.problems == [
                "PARLEY_A_FILE is wrong: /nowhere/at/all is not a readable text file of at most 64 KiB",
                "PARLEY_B is set twice: by itself and by PARLEY_B_FILE",
            ])
    }

    @Test("the JSON file fills what the environment leaves open")
    func jsonFile() throws {
        let file = try TemporaryFile(
            #"{"port": 81, "inner_port": 82, "janus_urls": ["ws://a", "ws://b"], "flag": true}"#)
        let settings = Settings(environment: ["PARLEY_CONFIG": file.path, "PARLEY_PORT": "91"])
        #expect(settings.int("PORT", "", in: 0...100) == 91)
        #expect(settings.int("INNER_PORT", "", in: 0...100) == 82)
        #expect(settings.urls("JANUS_URLS", "", schemes: ["ws"]) == ["ws://a", "ws://b"])
        #expect(settings.bool("FLAG", ""))
        try settings.finish()
    }

    @Test("a JSON file that is none is a problem")
    func brokenJSONFile() throws {
        let file = try TemporaryFile("port: 81")
        let settings = Settings(environment: ["PARLEY_CONFIG": file.path])
        #expect(throws: SettingsError.self) { try settings.finish() }
    }

    @Test(
        "placeholders are no secrets",
        arguments: [
            "changeme", "Change-Me!", "secret", "password", "changemechangemechangemechangeme", "your_secret_goes_here",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abababababababababababababababababababab",
            "secretsecretsecretsecretsecretsecret", "0000000000000000000000000000000000000000",
            "PLACEHOLDER-0123456789abcdef",
        ])
    func placeholders(_ text: String) {
        #expect(SecretQuality.isPlaceholder(text))
    }

    @Test("a random secret is one, a short one is too short")
    func realSecrets() {
        #expect(!SecretQuality.isPlaceholder(good))
        #expect(!SecretQuality.isPlaceholder("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))
        let settings = Settings(environment: ["PARLEY_KEY": "n8Xq2LwR7v"])
        _ = settings.secret("KEY", "a key")
        #expect(throws: SettingsError.self) { try settings.finish() }
    }
}

/// A file that is removed with its owner.
final class TemporaryFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = NSTemporaryDirectory() + "parley-test-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
