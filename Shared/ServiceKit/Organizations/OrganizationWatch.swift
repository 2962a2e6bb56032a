import Logging
import ParleyProtocol
import ServiceLifecycle

/// Asks identity again and again how organizations are: which are disabled, and what they allow. Several processes may do it at once.
public struct OrganizationWatch: Service {
    private let list: OrganizationList
    private let logger: Logger
    private let keep: @Sendable ([OrganizationStates.Item]) async throws -> Void

    /// - Parameter keep: keeps a page of the list.
    public init(
        identity: ServiceClient, logger: Logger,
        keep: @escaping @Sendable ([OrganizationStates.Item]) async throws -> Void
    ) {
        list = OrganizationList(identity: identity)
        self.logger = logger
        self.keep = keep
    }

    public func run() async {
        await RepeatedWork("The state of organizations is not known", every: .seconds(5), logger: logger, look).run()
    }

    /// All of them, once.
    ///
    /// - Throws: `ServiceCallError`, and what `keep` throws.
    public func look() async throws {
        try await list.read { page in
            try await keep(page)
            return true
        }
    }
}
