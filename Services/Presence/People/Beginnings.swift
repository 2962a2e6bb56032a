import ParleyProtocol

/// One beginning of an organization at a time in this process, which all who want it share.
actor Beginnings {
    private var running: [OrganizationID: Task<Void, any Error>] = [:]

    /// - Throws: what `body` throws.
    func once(_ organization: OrganizationID, _ body: @escaping @Sendable () async throws -> Void) async throws {
        if let task = running[organization] { return try await task.value }
        let task = Task { try await body() }
        running[organization] = task
        defer { running[organization] = nil }
        try await task.value
    }
}
