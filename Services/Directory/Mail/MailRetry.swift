/// When a mail that was not taken is sent again.
enum MailRetry {
    /// In seconds.
    private static let first = 60
    private static let longest = 6 * 60 * 60
    /// Then it is given up, as mail servers do too (RFC 5321, 4.5.4.1, speaks of four to five days; a meeting is near).
    static let givesUpAfter = 3 * 24 * 60 * 60

    /// - Parameters:
    ///   - attempts: how often it was tried, at least once.
    ///   - age: seconds since it was put into the outbox.
    /// - Returns: seconds until the next attempt; `nil`: no more.
    static func pause(attempts: Int, age: Int) -> Int? {
        guard age < givesUpAfter else { return nil }
        return min(longest, first << min(max(0, attempts - 1), 12))
    }
}
