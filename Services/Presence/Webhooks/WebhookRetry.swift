/// When a message that could not be delivered is sent again, and when it is given up.
struct WebhookRetry: Sendable {
    /// After the first failure, the second, and so on; after one more it is given up.
    var pauses: [Duration] = [.seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600)]

    /// - Parameter failures: how many there were before this one.
    /// - Returns: nothing when it is given up. Up to a fifth longer than planned, so that what failed together does not come back together.
    func pause(afterFailures failures: Int) -> Duration? {
        guard pauses.indices.contains(failures) else { return nil }
        return pauses[failures] * Double.random(in: 1...1.2)
    }
}
