import Logging
import ParleyProtocol
import ServiceKit

/// What directory asks of identity about people and organizations.
struct IdentityCalls: Sendable {
    let client: ServiceClient
    let logger: Logger

    /// Who these accounts are; those that are not there or may not sign in are left out.
    /// - Parameter accounts: 100 at most.
    /// - Throws: 503 while identity is away.
    func cards(
        of accounts: [AccountID], in organization: OrganizationID
    ) async throws(ProblemError) -> [AccountCards.Card] {
        guard !accounts.isEmpty else { return [] }
        do throws(ServiceCallError) {
            return try await client.post(
                "/internal/organizations/\(organization)/accounts", AccountQuery(accounts: accounts),
                as: AccountCards.self
            ).accounts
        } catch {
            logger.warning("Accounts could not be looked for", metadata: ["error": "\(error)"])
            throw .unavailable()
        }
    }
}
