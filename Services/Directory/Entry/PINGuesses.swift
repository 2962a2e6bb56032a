import ParleyProtocol
import Redis
import ServiceKit

/// Limits guessing of PINs, for all processes together: by source, and by room from everywhere.
///
/// Only wrong PINs count, because many people who know the PIN may share one address. Once a limit is reached the right PIN
/// is refused like a wrong one, so that going on guessing tells nothing.
struct PINGuesses: Sendable {
    static let perSource = 10

    private let ofSource: FixedWindow
    private let ofRoom: PINBudget

    /// One try.
    struct Guess: Sendable {
        /// Whose budget it is; see `PINVault.budgetKey`.
        var key: [UInt8]
        /// What the comparison said; it is not told on when the limit is reached.
        var isRight: Bool
        /// Who guesses: an address, or an account.
        var source: String
    }

    enum Verdict: Equatable, Sendable {
        case right
        case wrong
        /// In how many seconds one may try again.
        case locked(retryAfter: Int)
    }

    init(redis: RedisClient, keyPrefix: String, budget: PINBudget) {
        ofSource = FixedWindow(
            redis: redis, name: "pin-source", limit: Self.perSource, window: .seconds(30 * 60), keyPrefix: keyPrefix)
        ofRoom = budget
    }

    /// - Throws: `RedisError` or `PostgresError` while guesses can't be counted: then nobody may guess.
    func judge(_ guess: Guess) async throws -> Verdict {
        let key = "\(Base64URL.encode(guess.key)) \(guess.source)"
        // A locked source does not use up what the room allows to others.
        let source = guess.isRight ? try await ofSource.peek(key) : try await ofSource.hit(key)
        guard source.allowed else { return .locked(retryAfter: seconds(source.retryAfter)) }
        let wait = guess.isRight ? try await ofRoom.wait(guess.key) : try await ofRoom.take(guess.key)
        if let wait { return .locked(retryAfter: wait) }
        return guess.isRight ? .right : .wrong
    }

    private func seconds(_ duration: Duration) -> Int {
        Int(clamping: max(1, duration.components.seconds + 1))
    }
}
