import AsyncHTTPClient
import Foundation
import JWTKit
import Logging
import NIOCore
import NIOHTTP1
import ParleyProtocol
import ServiceLifecycle
import Synchronization

/// Checks access tokens with the keys that identity publishes.
///
/// As a service it keeps the keys fresh in the background, from the start on; while identity is away the keys it has go on
/// to serve. A token of an unknown key makes it look again, at most every 10 s.
public final class AccessTokenVerifier: Service, Sendable {
    /// Age at which keys are fetched anew.
    private static let refresh: Duration = .seconds(300)

    private let keys: Mutex<[String: TokenKey]?>
    private let source: KeySetSource?
    private let revocations: Revocations?
    /// Shortest time between two fetches that unknown keys cause.
    private let lookAgain: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - identityURL: identity's inner listener, where the keys are, and what ends tokens before their time.
    ///   - service: which one checks tokens.
    public convenience init(
        identityURL: String, for service: ServiceName, clusterSecret: [UInt8], logger: Logger
    ) {
        let client = ServiceClient(
            from: service, to: .identity, baseURL: identityURL, tokens: ServiceTokens(clusterSecret: clusterSecret))
        self.init(
            jwksURL: "\(identityURL)/jwks.json", revocations: Revocations(client: client, logger: logger),
            lookAgain: .seconds(10), logger: logger)
    }

    init(jwksURL: String, revocations: Revocations? = nil, lookAgain: Duration, logger: Logger) {
        self.revocations = revocations
        keys = Mutex(nil)
        source = KeySetSource(url: jwksURL)
        self.lookAgain = lookAgain
        self.logger = logger
    }

    /// With keys that are given once and for all: for tests, and for identity itself, which has no need to fetch its own.
    public init(keySet: KeySetDocument) async {
        keys = Mutex(await Self.tokenKeys(keySet))
        source = nil
        revocations = nil
        lookAgain = .zero
        logger = Logger(label: "parley.tokens")
    }

    /// Whether there are keys to check tokens with, and it is known which tokens have ended before their time.
    public var isReady: Bool { keys.withLock { $0?.isEmpty == false } && revocations?.isReady != false }

    public var readinessCheck: ReadinessCheck {
        ReadinessCheck("access_tokens") { self.isReady }
    }

    /// Replaces the keys, for identity after a rotation.
    public func replaceKeys(_ keySet: KeySetDocument) async {
        let new = await Self.tokenKeys(keySet)
        keys.withLock { $0 = new }
    }

    /// Who the token is of. Throws 401 `unauthenticated`, whatever is wrong with it, and 503 when there have never been any
    /// keys, or identity has not told yet which tokens have ended, because the token may be good.
    public func verify(_ token: String, now: Date = .now) async throws(ProblemError) -> AccessClaims {
        do {
            let signed = try SignedToken(token)
            let key = try await key(signed.header.kid)
            let payload: TokenPayload<AccessClaims> = try await signed.opened(as: .access, with: key, now: now)
            if let revocations {
                guard revocations.isReady else { throw ProblemError.unavailable() }
                guard revocations.allow(payload.claims) else { throw TokenRefusal.revoked }
            }
            return payload.claims
        } catch let problem as ProblemError {
            throw problem
        } catch {
            throw .unauthenticated
        }
    }

    /// Is told of sessions that have ended before their time, to close their sockets.
    public func whenEnded(_ body: @escaping @Sendable (Set<SessionID>) async -> Void) {
        revocations?.whenEnded(body)
    }

    /// Whether a session is known to have ended before its time.
    public func hasEnded(_ session: SessionID) -> Bool { revocations?.hasEnded(session) == true }

    /// Keeps the keys fresh until shutdown.
    public func run() async throws {
        guard source != nil else {
            try? await gracefulShutdown()
            return
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepKeysFresh() }
            if let revocations { group.addTask { await revocations.follow() } }
        }
    }

    private func keepKeysFresh() async {
        await cancelOnShutdown {
            var failures = 0
            while !Task.isCancelled {
                let succeeded = await self.fetch(force: true)
                failures = succeeded ? 0 : failures + 1
                let wait = succeeded ? Self.refresh : Backoff.delay(afterFailures: failures, maximum: .seconds(5))
                try? await Task.sleep(for: wait)
            }
        }
    }

    private func key(_ id: String) async throws -> TokenKey {
        if let key = keys.withLock({ $0?[id] }) { return key }
        _ = await fetch(force: false)
        let known = keys.withLock { $0 }
        guard let known else { throw ProblemError.unavailable() }
        guard let key = known[id] else { throw TokenRefusal.unknownKey }
        return key
    }

    private func fetch(force: Bool) async -> Bool {
        guard let source else { return false }
        do {
            guard let document = try await source.fetch(force: force, minimumInterval: lookAgain) else {
                return false
            }
            let new = await Self.tokenKeys(document)
            guard !new.isEmpty else { throw KeySetSource.Failure.noKeys }
            keys.withLock { $0 = new }
            return true
        } catch {
            logger.warning(
                "Keys of access tokens could not be fetched", metadata: ["error": "\(String(describing: error))"])
            return false
        }
    }

    private static func tokenKeys(_ document: KeySetDocument) async -> [String: TokenKey] {
        var keys: [String: TokenKey] = [:]
        for entry in document.keys {
            guard let key = entry.publicKey else { continue }
            keys[entry.kid] = await .publicKey(key, id: entry.kid)
        }
        return keys
    }
}

/// Fetches the key set: one request at a time, which all who wait share.
private actor KeySetSource {
    enum Failure: Error {
        case status(Int)
        case noKeys
    }

    private static let timeout: TimeAmount = .seconds(2)
    private static let maximumDocument = 64 * 1_024

    private let url: String
    private var running: Task<KeySetDocument, any Error>?
    private var lastStart: ContinuousClock.Instant?

    init(url: String) {
        self.url = url
    }

    /// Nothing when the last fetch was less than `minimumInterval` ago and this one is not forced.
    func fetch(force: Bool, minimumInterval: Duration) async throws -> KeySetDocument? {
        if let running { return try await running.value }
        if !force, let lastStart, ContinuousClock.now - lastStart < minimumInterval { return nil }
        lastStart = .now
        let url = url
        let task = Task { try await Self.load(url) }
        running = task
        defer { running = nil }
        return try await task.value
    }

    private static func load(_ url: String) async throws -> KeySetDocument {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        let response = try await InnerHTTP.client.execute(request, timeout: timeout)
        let body = try await response.body.collect(upTo: maximumDocument)
        guard response.status.code == 200 else { throw Failure.status(Int(response.status.code)) }
        return try WireJSON.decoder.decode(KeySetDocument.self, from: Data(body.readableBytesView))
    }
}
