import Foundation
import ParleyProtocol

/// Gathers what identity keeps about a person (Regulation (EU) 2016/679, article 15). Asking for it is noted.
struct AccountExports: Sendable {
    let organizations: OrganizationStore
    let accounts: AccountStore
    let profiles: ProfileStore
    let sessions: SessionStore
    let audit: AuditStore

    /// - Returns: nil when the organization has no such account.
    func make(
        _ id: AccountID, in organization: OrganizationID, current: SessionID? = nil, by actor: AuditActor
    ) async throws -> AccountExport? {
        guard let account = try await accounts.find(id, in: organization),
            let profile = try await profiles.find(id), let settings = try await organizations.find(organization)
        else { return nil }
        try await audit.record(
            AuditEntry(
                action: .accountExported, actor: actor, organization: organization, subject: account.userName,
                subjectAccount: id))
        return AccountExport(
            organization: OrganizationView(id: organization, ucsid: settings.ucsid, name: settings.settings.name),
            account: account, profile: profile, sessions: try await sessions.list(of: id, current: current),
            audit: try await audit.entries(about: id))
    }
}
