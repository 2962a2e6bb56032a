import ParleyProtocol
import Redis
import ServiceKit

/// Lets in who has a read token, so often and no more: what is read and what opens streams is counted together.
struct ReadTokenGate: Sendable {
    /// How often a token may be used in a minute, and how many wrong ones may come from one address.
    static let perMinute = 60

    let tokens: ReadTokenStore
    private let uses: FixedWindow
    private let wrong: FixedWindow

    init(tokens: ReadTokenStore, redis: RedisClient, keyPrefix: String) {
        self.tokens = tokens
        func window(_ name: String) -> FixedWindow {
            FixedWindow(
                redis: redis, name: name, limit: Self.perMinute, window: .seconds(60), keyPrefix: keyPrefix)
        }
        uses = window("read-token")
        wrong = window("wrong-read-token")
    }

    /// Nothing for a token that is none, or not any more.
    ///
    /// - Parameter source: the client's address; after too many wrong tokens none that comes from there is looked at.
    /// - Throws: `ProblemError` 429 when it is used too often, or too many from there were wrong; `PostgresError`, `RedisError`.
    func reader(_ text: String, from source: String) async throws -> TokenReader? {
        // What can't be a token costs nothing to refuse.
        guard let token = ReadToken(text: text) else { return nil }
        try Self.require(try await wrong.peek(source))
        guard let reader = try await tokens.reader(token) else {
            _ = try await wrong.hit(source)
            return nil
        }
        try Self.require(try await uses.hit(reader.token.rawValue))
        return reader
    }

    private static func require(_ decision: FixedWindow.Decision) throws(ProblemError) {
        guard decision.allowed else { throw .tooManyRequests(retryAfter: decision.retryAfter) }
    }
}
