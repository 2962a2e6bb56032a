import Foundation
import ParleyProtocol
import ServiceKit

/// Gathers what is kept about a person (Regulation (EU) 2016/679, article 15). Asking for it is noted.
struct AccountExports: Sendable {
    let organizations: OrganizationStore
    let accounts: AccountStore
    let profiles: ProfileStore
    let sessions: SessionStore
    let audit: AuditStore
    /// Nothing where directory is not asked: then there is nothing about rooms.
    let rooms: RoomRecordCalls?

    /// - Returns: nil when the organization has no such account.
    /// - Throws: 503 when directory is away: half of an export would look like all of it.
    func make(
        _ id: AccountID, in organization: OrganizationID, current: SessionID? = nil, by actor: AuditActor
    ) async throws -> AccountExport? {
        guard let account = try await accounts.find(id, in: organization),
            let profile = try await profiles.find(id), let settings = try await organizations.find(organization)
        else { return nil }
        let rooms = try await rooms?.records(of: id, in: organization)
        try await audit.record(
            AuditEntry(
                action: .accountExported, actor: actor, organization: organization, subject: account.userName,
                subjectAccount: id))
        return AccountExport(
            organization: OrganizationView(id: organization, ucsid: settings.ucsid, name: settings.settings.name),
            account: account, profile: profile, sessions: try await sessions.list(of: id, current: current),
            audit: try await audit.entries(about: id), rooms: rooms)
    }
}

/// Asks directory what it keeps of an account.
struct RoomRecordCalls: Sendable {
    private let client: ServiceClient

    init(directoryURL: String, clusterSecret: [UInt8]) {
        client = ServiceClient(
            from: .identity, to: .directory, baseURL: directoryURL, tokens: ServiceTokens(clusterSecret: clusterSecret))
    }

    func records(of account: AccountID, in organization: OrganizationID) async throws(ProblemError) -> [RoomRecord] {
        do {
            let path = "/internal/accounts/\(account)/rooms?organization=\(organization)"
            var page = try await client.get(path, as: RoomRecords.self)
            var rooms = page.rooms
            while let next = page.next {
                page = try await client.get("\(path)&after=\(next)", as: RoomRecords.self)
                rooms += page.rooms
            }
            return rooms
        } catch {
            throw .unavailable("What directory keeps can't be had at the moment.")
        }
    }
}
