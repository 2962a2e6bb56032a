import NIOCore

/// A running subscription. It lasts until it is cancelled or the client is shut down, over reconnects.
public final class RedisSubscription: Sendable {
    public let channel: String
    private let end: @Sendable () async -> Void

    init(channel: String, end: @escaping @Sendable () async -> Void) {
        self.channel = channel
        self.end = end
    }

    /// Ends the subscription. No callback is made after this has returned. Waits for Redis at most for the command timeout.
    public func cancel() async {
        await end()
    }
}
