/// How much the people of one room may do together at one node. What one person may do is bounded before, so that one who
/// does too much can't use up what all have.
struct RoomLimits: Sendable {
    /// A room of fifty who all write as fast as each may.
    private var chat = TokenBucket(rate: 100, burst: 500)
    /// Everybody mutes at once.
    private var updates = TokenBucket(rate: 100, burst: 300)

    mutating func takeChat() -> Bool { chat.take() }
    mutating func takeUpdate() -> Bool { updates.take() }
}
