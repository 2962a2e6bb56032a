import ServiceKit

/// How much the people of one room may do together at one node. What one person may do is bounded before, so that one who
/// does too much can't use up what all have.
struct RoomLimits: Sendable {
    /// A room of fifty who all write as fast as each may.
    private var chat: TokenBucket
    /// Everybody mutes at once.
    private var updates: TokenBucket
    /// All of a full room build both connections anew, because the media node was lost.
    private var media: TokenBucket

    /// - Parameter factor: how much more than people at browsers need.
    init(factor: Double = 1) {
        chat = TokenBucket(rate: 100 * factor, burst: 500 * factor)
        updates = TokenBucket(rate: 100 * factor, burst: 300 * factor)
        media = TokenBucket(rate: 50 * factor, burst: 300 * factor)
    }

    mutating func takeChat() -> Bool { chat.take() }
    mutating func takeUpdate() -> Bool { updates.take() }
    mutating func takeMedia() -> Bool { media.take() }
}
