import Testing

/// Private until TestSupport has it.
func eventually(
    within limit: Duration = .seconds(10), _ condition: () async throws -> String?
) async throws {
    let end = ContinuousClock.now + limit
    while let reason = try await condition() {
        guard ContinuousClock.now < end else {
            Issue.record("\(reason)")
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
