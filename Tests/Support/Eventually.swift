/// What did not come true in time, and why not.
public struct NotYet: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until `check` has no reason any more why something is not yet so.
/// - Parameters:
///   - timeout: After it the last reason is thrown.
///   - what: What is waited for, as it stands in the failure.
///   - check: `nil` when it is true, else the reason why not yet. An error counts as a reason.
public func eventually(
    timeout: Duration = .seconds(10), _ what: String, isolation: isolated (any Actor)? = #isolation,
    _ check: () async throws -> String?
) async throws {
    let deadline = ContinuousClock.now + timeout
    var pause = Duration.milliseconds(5)
    while true {
        let reason: String?
        do { reason = try await check() } catch { reason = "\(error)" }
        guard let reason else { return }
        guard ContinuousClock.now < deadline else { throw NotYet(description: "\(what): \(reason)") }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(100))
    }
}
