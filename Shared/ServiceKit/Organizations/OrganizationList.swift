import ParleyProtocol

/// All organizations, as identity lists them.
public struct OrganizationList: Sendable {
    private let identity: ServiceClient

    public init(identity: ServiceClient) { self.identity = identity }

    /// - Parameter body: gets one page after the other, and says whether to go on.
    /// - Throws: `ServiceCallError`, and what `body` throws.
    public func read(_ body: ([OrganizationStates.Item]) async throws -> Bool) async throws {
        var after: OrganizationID?
        repeat {
            let query = after.map { "?after=\($0)" } ?? ""
            let page = try await identity.get("/internal/organizations\(query)", as: OrganizationStates.self)
            guard try await body(page.items) else { return }
            after = page.next
        } while after != nil && !Task.isCancelled
    }

    /// - Throws: `ServiceCallError`.
    public func has(_ organization: OrganizationID) async throws -> Bool {
        var isFound = false
        try await read { items in
            isFound = items.contains { $0.organization == organization }
            return !isFound
        }
        return isFound
    }
}
