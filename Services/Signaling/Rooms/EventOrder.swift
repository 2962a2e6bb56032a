/// Where a node stands in a room's log: tells the next event from one that was seen and from one that comes too early.
struct EventOrder: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case deliver
        /// Contained in what is known already.
        case drop
        /// Events are missing, or it is another log.
        case gap
    }

    private(set) var epoch: String
    /// The last event that was delivered.
    private(set) var seq: Int

    init(epoch: String, seq: Int) {
        self.epoch = epoch
        self.seq = seq
    }

    /// Whether an event is contained in what is known up to here. What was known of another log says nothing of this one.
    func contains(_ other: EventOrder) -> Bool { other.seq <= seq && epoch == other.epoch }

    mutating func step(epoch: String, seq: Int) -> Step {
        guard epoch == self.epoch else { return .gap }
        guard seq > self.seq else { return .drop }
        guard seq == self.seq + 1 else { return .gap }
        self.seq = seq
        return .deliver
    }
}
