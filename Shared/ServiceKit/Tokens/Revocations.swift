import Foundation
import Logging
import ParleyProtocol
import ServiceLifecycle
import Synchronization

/// Which access tokens are worth nothing although their time is not over. As a service it asks identity every second or two.
///
/// While identity is away nobody can sign out or be disabled, so that what is known goes on to be right. After an operator's
/// command in that time, tokens live until identity is back, and 5 minutes at most.
public final class Revocations: Service, Sendable {
    private struct Known {
        var sessions: [SessionID: ContinuousClock.Instant] = [:]
        var generations: [AccountID: (Int, ContinuousClock.Instant)] = [:]
        var since: Date?
    }

    /// How long something is remembered: longer than any token lives.
    private static let memory: Duration = .seconds(Limits.accessToken + 120)

    private let known = Mutex(Known())
    private let client: ServiceClient
    private let interval: Duration
    private let logger: Logger
    private let onEnd: Mutex<(@Sendable (Set<SessionID>) async -> Void)?> = Mutex(nil)

    /// - Parameters:
    ///   - client: of identity.
    ///   - interval: between two questions.
    public init(client: ServiceClient, interval: Duration = .milliseconds(1_500), logger: Logger) {
        self.client = client
        self.interval = interval
        self.logger = logger
    }

    /// Is told of sessions that have ended and were not known to have, to close their sockets.
    public func whenEnded(_ body: @escaping @Sendable (Set<SessionID>) async -> Void) {
        onEnd.withLock { $0 = body }
    }

    public func run() async throws {
        await follow()
    }

    func follow() async {
        await cancelOnShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await self.ask() ? 0 : failures + 1
                let wait =
                    failures == 0
                    ? self.interval * Double.random(in: 0.75...1.25)
                    : Backoff.delay(afterFailures: failures, maximum: .seconds(3))
                try? await Task.sleep(for: wait)
            }
        }
    }

    /// Whether it is known what has ended: identity has told once. A process that has just begun knows nothing.
    public var isReady: Bool { known.withLock { $0.since != nil } }

    /// Whether a token with these claims is still worth something.
    public func allow(_ claims: AccessClaims) -> Bool {
        known.withLock { known in
            guard known.sessions[claims.session] == nil else { return false }
            guard let (generation, _) = known.generations[claims.account] else { return true }
            return (claims.generation ?? 0) >= generation
        }
    }

    public func hasEnded(_ session: SessionID) -> Bool {
        known.withLock { $0.sessions[session] != nil }
    }

    /// - Returns: whether there was an answer.
    private func ask() async -> Bool {
        do {
            let new = note(try await list())
            if !new.isEmpty, let body = onEnd.withLock({ $0 }) { await body(new) }
            return true
        } catch {
            logger.debug("Revocations could not be read", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// All pages as one; what one of them lacks would be told again the next time, but nobody would hear of it as new.
    private func list() async throws -> RevocationList {
        let since = known.withLock { $0.since }
        var list = try await client.get(Self.path(since: since), as: RevocationList.self)
        while let cursor = list.nextCursor {
            let page = try await client.get(Self.path(since: since, cursor: cursor), as: RevocationList.self)
            list.sessions += page.sessions
            list.accounts += page.accounts
            list.nextCursor = page.nextCursor
        }
        return list
    }

    private func note(_ list: RevocationList, now: ContinuousClock.Instant = .now) -> Set<SessionID> {
        known.withLock { known in
            var new: Set<SessionID> = []
            for session in list.sessions where known.sessions.updateValue(now, forKey: session) == nil {
                new.insert(session)
            }
            for revocation in list.accounts {
                let generation = max(revocation.generation, known.generations[revocation.account]?.0 ?? 0)
                known.generations[revocation.account] = (generation, now)
            }
            known.sessions = known.sessions.filter { now - $0.value < Self.memory }
            known.generations = known.generations.filter { now - $0.value.1 < Self.memory }
            known.since = list.now
            return new
        }
    }

    private static func path(since: Date?, cursor: String? = nil) -> String {
        let time = since.map { "since=\($0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))" }
        let query = [time, cursor.map { "cursor=\($0)" }].compactMap { $0 }
        return query.isEmpty
            ? "/internal/revocations" : "/internal/revocations?\(query.joined(separator: "&"))"
    }
}
