import Mail
import ParleyProtocol
import ServiceKit

/// The addresses of those who cause mail, as identity knows them at the moment.
struct ReplyAddresses: Sendable {
    let identity: IdentityCalls

    /// - Returns: `nil` for the service itself, and for who has no address or may not sign in any more.
    /// - Throws: 503 while identity is away.
    func address(of account: AccountID?, in organization: OrganizationID) async throws(ProblemError) -> Mailbox? {
        guard let account, let card = try await identity.cards(of: [account], in: organization).first,
            let email = card.email
        else { return nil }
        return Mailbox(email, name: card.displayName)
    }
}
