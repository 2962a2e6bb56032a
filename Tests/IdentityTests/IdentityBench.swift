import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

/// Identity as production builds it, on a database of its own with two organizations, and a browser that asks it.
struct IdentityBench: Sendable {
    static let origin = "https://meet.example"
    static let password = "correct horse battery staple"
    static let clusterSecret = Array("a secret of the cluster, for tests only".utf8)

    let settings: IdentitySettings
    /// Looks into the same database.
    let pool: PostgresPool
    let client: any TestClientProtocol
    /// The browser's, as the gateway tells it.
    var address: String { "203.0.113.9" }

    static func run(
        logN: Int = 10, redisURL: String? = nil, directoryURL: String = "http://127.0.0.1:9",
        guessing: SignInGuard.Rules = .generous, _ body: @Sendable (IdentityBench) async throws -> Void
    ) async throws {
        // The client removes the counters afterwards.
        try await TestRedis.withClient { redis, _ in
            try await TestDatabase.withDatabase { database in
                let settings = try settings(
                    databaseURL: database.url, redis: redis, redisURL: redisURL, directoryURL: directoryURL, logN: logN,
                    guessing: guessing)
                _ = try await Administration.migrate(settings.database)
                try await PostgresPool.withPool(settings.database, logger: logger) { pool in
                    try await fill(settings, pool)
                    try await serve(settings) { client in
                        try await body(IdentityBench(settings: settings, pool: pool, client: client))
                    }
                }
            }
        }
    }

    static func settings(
        databaseURL: String, redis: TestRedis? = nil, redisURL: String? = nil,
        directoryURL: String = "http://127.0.0.1:9", logN: Int = 10, guessing: SignInGuard.Rules = .generous
    ) throws -> IdentitySettings {
        let redis = try redis ?? TestRedis()
        var database = DatabaseSettings.configuration(url: databaseURL)
        database.maximumConnections = 4
        var settings = IdentitySettings(
            service: ServiceSettings(name: .identity, clusterSecret: clusterSecret, publicURL: origin),
            database: database,
            redis: try RedisConfiguration(url: redisURL ?? redis.url, commandTimeout: .seconds(2)),
            scryptLogN: logN, redisKeyPrefix: redis.prefix, directoryURL: directoryURL)
        settings.guessing = guessing
        return settings
    }

    /// One instance for as long as `body` runs.
    static func serve(
        _ settings: IdentitySettings, isExpectedReady: Bool = true,
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let identity = try await buildIdentity(settings, logger: logger)
        let application = Application(
            router: identity.router.refusingOtherMethods(), services: identity.services, logger: logger)
        try await application.test(.live) { client in
            if isExpectedReady {
                try await eventually("the signing keys") {
                    let status = try await client.execute(uri: "/api/identity/jwks.json", method: .get).status
                    return status == .ok ? nil : "\(status)"
                }
            }
            try await body(client)
        }
    }

    static var logger: Logger {
        var logger = Logger(label: "test.identity")
        logger.logLevel = .critical
        return logger
    }

    private static func fill(_ settings: IdentitySettings, _ pool: PostgresPool) async throws {
        let organizations = OrganizationStore(pool: pool)
        try await organizations.add(
            NewOrganization(ucsid: "4711-0815", name: "Musterfirma", aliases: ["Demo", "Bäcker"]))
        try await organizations.add(NewOrganization(ucsid: "other", name: "Other", aliases: []))
        for (user, name, organization) in [
            ("Erika", "Erika Muster", "demo"), ("max", "Max Muster", "4711-0815"),
            ("erika@firma.example", "Erika Zwei", "4711-0815"), ("erika", "Erika Other", "other"),
        ] {
            try await add(
                NewAccount(userName: user, displayName: name, permissions: user == "Erika" ? ["rooms.create"] : []),
                to: organization, pool)
        }
    }

    /// With the password of all.
    @discardableResult
    static func add(
        _ account: NewAccount, to organization: String, _ pool: PostgresPool,
        kind: AccountStore.PasswordKind = .chosen
    ) async throws -> AccountView {
        let organization = try #require(try await OrganizationStore(pool: pool).find(handle: organization))
        return try await AccountStore(pool: pool).add(
            account, password: PasswordHash(Password(password), cost: .standard(logN: 10)), kind: kind,
            to: organization.id, by: .commandLine)
    }

    /// A signed-in person with these permissions, by a token.
    func person(
        _ user: String, _ permissions: [String], of organization: String = "demo"
    ) async throws -> (account: AccountView, token: String) {
        let account = try await Self.add(
            NewAccount(userName: user, displayName: user, permissions: permissions), to: organization, pool)
        return (account, try await token(try await signedIn(user, organization: organization)))
    }
}

// MARK: The browser

extension IdentityBench {
    func send(
        _ method: HTTPRequest.Method, _ path: String, cookie: String? = nil, origin: String? = IdentityBench.origin,
        bearer: String? = nil, contentType: String? = nil, body: String? = nil, from address: String? = nil,
        device: String? = nil, ifMatch: String? = nil
    ) async throws -> TestResponse {
        var headers = HTTPFields()
        let cookies = [
            cookie.map { "\(SessionCookie.name)=\($0)" }, device.map { "\(DeviceCookie.name)=\($0)" },
        ].compactMap { $0 }
        if !cookies.isEmpty { headers[.cookie] = (["theme=dark"] + cookies).joined(separator: "; ") }
        if let ifMatch { headers[.ifMatch] = ifMatch }
        if let origin { headers[.origin] = origin }
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        if let contentType { headers[.contentType] = contentType }
        if let name = HTTPField.Name("X-Forwarded-For") { headers[name] = address ?? self.address }
        return try await client.execute(
            uri: "/api/identity/\(path)", method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }

    func signIn(
        _ user: String = "erika", password: String = IdentityBench.password, organization: String = "demo",
        stayLoggedIn: Bool = false, cookie: String? = nil, origin: String? = IdentityBench.origin,
        from address: String? = nil, device: String? = nil, code: String? = nil, newPassword: String? = nil,
        enrollment: String? = nil
    ) async throws -> TestResponse {
        let request = SignInRequest(
            userName: user, password: password, organization: organization, stayLoggedIn: stayLoggedIn, code: code,
            newPassword: newPassword, enrollment: enrollment)
        return try await send(
            .post, "session", cookie: cookie, origin: origin, contentType: "application/json",
            body: String(decoding: try WireJSON.encode(request), as: UTF8.self), from: address, device: device)
    }

    /// A request with a body of JSON.
    func send(
        _ method: HTTPRequest.Method, _ path: String, bearer: String?, json: some Encodable, ifMatch: String? = nil
    ) async throws -> TestResponse {
        try await send(
            method, path, origin: nil, bearer: bearer, contentType: "application/json",
            body: String(decoding: try WireJSON.encode(json), as: UTF8.self), ifMatch: ifMatch)
    }

    /// Signs in and returns the value of the cookie.
    func signedIn(_ user: String = "erika", organization: String = "demo", stayLoggedIn: Bool = false) async throws
        -> String
    {
        try #require(try await signIn(user, organization: organization, stayLoggedIn: stayLoggedIn).sessionCookie)
    }

    func token(_ cookie: String) async throws -> String {
        try await send(.post, "session/token", cookie: cookie).decoded(AccessTokenView.self).accessToken
    }
}

extension TestResponse {
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try WireJSON.decoder.decode(type, from: Data(body.readableBytesView))
    }

    /// The code of a problem; nil for any other body.
    var code: ErrorCode? {
        guard headers[.contentType] == Problem.contentType else { return nil }
        return try? decoded(Problem.self).code
    }

    /// The value that the session's cookie is set to.
    var sessionCookie: String? { cookie(SessionCookie.name)?.value }

    /// The value that the device's cookie is set to.
    var deviceCookie: String? { cookie(DeviceCookie.name)?.value }

    /// The attributes of the session's cookie, in lower case.
    var cookieAttributes: Set<String> { cookie(SessionCookie.name)?.attributes ?? [] }

    func cookie(_ name: String) -> (value: String, attributes: Set<String>)? {
        guard let header = headers[values: .setCookie].first(where: { $0.hasPrefix(name + "=") }) else { return nil }
        let parts = header.dropFirst(name.count + 1).split(separator: ";", omittingEmptySubsequences: false)
        let attributes = parts.dropFirst().map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        return (String(parts.first ?? ""), Set(attributes))
    }
}

extension SignInGuard.Rules {
    /// Nobody waits, as far as a test does not want it.
    static var generous: SignInGuard.Rules {
        var rules = SignInGuard.Rules()
        for path in [\SignInGuard.Rules.device, \.pair, \.account] {
            rules[keyPath: path].free = 1_000
            rules[keyPath: path].most = nil
        }
        rules.failuresPerSource = 1_000
        rules.unsurePerSource = 1_000
        return rules
    }
}
