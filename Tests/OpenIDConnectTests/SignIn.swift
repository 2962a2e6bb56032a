import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import TestSupport

@testable import OpenIDConnect

/// A browser's and Parley's part of signing in at a provider that runs as a process of its own.
struct SignIn: Sendable {
    static let users = """
        {"ada": {"password": "correct horse", "name": "Ada Lovelace", "email": "ada@example.org",
        "email_verified": true, "groups": ["staff", "board"], "realm_access": {"roles": ["organizer"]}}}
        """
    static let redirectURI = "https://meet.example.org/api/identity/oidc/return?organization=4711"
    static let secret = "s e/c:r+e%t"
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let browser = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    let provider: OIDCProvider
    let process: OIDCProviderProcess

    /// - Parameters:
    ///   - options: Of the provider's command line.
    ///   - change: What is otherwise than usual.
    static func withProvider<Result: Sendable>(
        options: [String] = ["--client-secret", secret], times: OIDCProvider.Times = .init(),
        change: @Sendable (inout OIDCSettings) -> Void = { _ in }, _ body: @Sendable (SignIn) async throws -> Result
    ) async throws -> Result {
        try await OIDCProviderProcess.withProvider(users: users, options: options) { process in
            var settings = OIDCSettings(issuer: process.issuer, clientID: "parley", clientSecret: secret)
            change(&settings)
            let provider = try OIDCProvider(settings, times: times, logger: quiet)
            return try await body(SignIn(provider: provider, process: process))
        }
    }

    /// The whole way.
    func identity(_ attempt: OIDCAttempt = OIDCAttempt()) async throws -> OIDCIdentity {
        try await identity(attempt, comeBack(attempt))
    }

    func identity(_ attempt: OIDCAttempt, _ answer: [String: String]) async throws(OIDCError) -> OIDCIdentity {
        try await provider.identity(
            code: answer["code"] ?? "", issuer: answer["iss"], attempt: attempt, redirectURI: Self.redirectURI)
    }

    /// Opens the page that the browser is sent to, fills in its form, and reads where that leads.
    func comeBack(
        _ attempt: OIDCAttempt, password: String = "correct horse"
    ) async throws -> [String: String] {
        let url = try await provider.authorizationURL(attempt, redirectURI: Self.redirectURI)
        let page = try await Self.request(url)
        guard page.status == 200, page.body.contains(#"<form method="post">"#), page.body.contains(#"name="password""#)
        else { throw TestServerError("no form at \(url)") }
        let form = FormText.encode(["username": "ada", "password": password, "answer": "sign-in"])
        let answer = try await Self.request(url, form: form)
        guard let location = answer.location, location.hasPrefix(Self.redirectURI) else {
            throw TestServerError("status \(answer.status) instead of a redirect")
        }
        let items = URLComponents(string: location)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    func mistake(_ name: String) async throws { try await control("mistake", FormText.encode(["name": name])) }

    func control(_ path: String, _ body: String = "") async throws {
        let answer = try await Self.request("\(process.issuer)/control/\(path)", form: body)
        guard answer.status == 200 else { throw TestServerError("control \(path): \(answer.status)") }
    }

    /// How often the provider was asked at a path.
    func count(_ path: String) async throws -> Int {
        let answer = try await Self.request("\(process.issuer)/control/counts")
        return try JSONDecoder().decode([String: Int].self, from: Data(answer.body.utf8))[path] ?? 0
    }

    struct Answer: Sendable {
        var status: Int
        var location: String?
        var body: String
    }

    static func request(_ url: String, form: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        if let form {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        let response = try await browser.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1_000_000)
        return Answer(
            status: Int(response.status.code), location: response.headers.first(name: "Location"),
            body: String(buffer: body))
    }
}

/// The error that `body` throws; nothing when it throws none.
func failure(_ body: () async throws -> some Any) async -> OIDCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? OIDCError
    }
}

extension OIDCError {
    /// Which of the six it is, whatever its reason.
    var kind: String {
        switch self {
        case .settings: "settings"
        case .unreachable: "unreachable"
        case .timedOut: "timedOut"
        case .discovery: "discovery"
        case .refused: "refused"
        case .tokenInvalid: "tokenInvalid"
        }
    }
}
