import Mail
import ParleyProtocol

/// The addresses of those who cause mail, as far as identity knows and tells them at the moment.
struct ReplyAddresses: Sendable {
    let identity: IdentityCalls

    func address(of account: AccountID?, in organization: OrganizationID) async -> Mailbox? {
        guard let account, let card = try? await identity.cards(of: [account], in: organization).first,
            let email = card.email
        else { return nil }
        return Mailbox(email, name: card.displayName)
    }
}
