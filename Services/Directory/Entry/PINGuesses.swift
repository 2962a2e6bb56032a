import ParleyProtocol
import Redis
import ServiceKit

/// Limits guessing of PINs, for all processes together.
///
/// Only wrong PINs count, because many people who know the PIN may share one address. Once a limit is reached the right PIN
/// is refused like a wrong one, so that going on guessing tells nothing.
struct PINGuesses: Sendable {
    private let ofSource: FixedWindow
    private let ofRoom: FixedWindow

    enum Verdict: Equatable, Sendable {
        case right
        case wrong
        /// In how many seconds one may try again.
        case locked(retryAfter: Int)
    }

    init(redis: RedisClient, keyPrefix: String) {
        ofSource = FixedWindow(
            redis: redis, name: "pin-source", limit: 10, window: .seconds(30 * 60), keyPrefix: keyPrefix)
        ofRoom = FixedWindow(
            redis: redis, name: "pin-room", limit: 100, window: .seconds(60 * 60), keyPrefix: keyPrefix)
    }

    /// - Parameters:
    ///   - pin: Stands for the room's PIN (`PINVault.fingerprint`): guesses at a former one do not count for a new one.
    ///   - isRight: What the comparison said; it is not told on when the limit is reached.
    /// - Throws: `RedisError` while guesses can't be counted: then nobody may guess.
    func judge(_ room: RoomID, pin: String, source: String, isRight: Bool) async throws -> Verdict {
        let roomKey = "\(room) \(pin)"
        let key = "\(roomKey) \(source)"
        // A locked source does not use up what the room allows to others.
        let source = isRight ? try await ofSource.peek(key) : try await ofSource.hit(key)
        guard source.allowed else { return .locked(retryAfter: seconds(source.retryAfter)) }
        let all = isRight ? try await ofRoom.peek(roomKey) : try await ofRoom.hit(roomKey)
        guard all.allowed else { return .locked(retryAfter: seconds(all.retryAfter)) }
        return isRight ? .right : .wrong
    }

    private func seconds(_ duration: Duration) -> Int {
        Int(clamping: max(1, duration.components.seconds + 1))
    }
}
