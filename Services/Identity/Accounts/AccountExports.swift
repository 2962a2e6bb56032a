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
    /// Nothing where directory is not asked: then there is nothing about rooms and meetings.
    let rooms: RoomRecordCalls?

    /// - Returns: nil when the organization has no such account.
    /// - Throws: 503 when directory is away: half of an export would look like all of it.
    func make(
        _ id: AccountID, in organization: OrganizationID, current: SessionID? = nil, by actor: AuditActor
    ) async throws -> AccountExport? {
        guard let account = try await accounts.find(id, in: organization),
            let profile = try await profiles.find(id), let settings = try await organizations.find(organization)
        else { return nil }
        let records = try await rooms?.records(of: id, in: organization)
        try await audit.record(
            AuditEntry(
                action: .accountExported, actor: actor, organization: organization, subject: account.userName,
                subjectAccount: id))
        return AccountExport(
            organization: OrganizationView(id: organization, ucsid: settings.ucsid, name: settings.settings.name),
            account: account, profile: profile, sessions: try await sessions.list(of: id, current: current),
            audit: try await audit.entries(about: id), rooms: records?.rooms, appointments: records?.appointments,
            attendance: records?.attendance)
    }
}

/// Asks directory what it keeps of an account.
struct RoomRecordCalls: Sendable {
    private let client: ServiceClient

    init(directoryURL: String, clusterSecret: [UInt8]) {
        client = ServiceClient(
            from: .identity, to: .directory, baseURL: directoryURL, tokens: ServiceTokens(clusterSecret: clusterSecret))
    }

    /// What directory keeps of an account, but bans, being a deputy, the audit and aliases of deleted rooms.
    struct Records: Sendable {
        var rooms: [RoomRecord]
        var appointments: [AppointmentRecord]
        var attendance: [AttendanceRecord]
    }

    func records(of account: AccountID, in organization: OrganizationID) async throws(ProblemError) -> Records {
        let (start, end) = ("/internal/accounts/\(account)", "organization=\(organization)")
        do {
            return Records(
                rooms: try await all("\(start)/rooms?\(end)", RoomRecords.self) { ($0.rooms, $0.next?.rawValue) },
                appointments: try await all("\(start)/appointments?\(end)", AppointmentRecords.self) {
                    ($0.appointments, $0.next?.rawValue)
                },
                attendance: try await all("\(start)/attendance?\(end)", AttendanceRecords.self) {
                    ($0.attendance, $0.next)
                })
        } catch {
            throw .unavailable("What directory keeps can't be had at the moment.")
        }
    }

    /// All pages of a list.
    private func all<Page: Decodable & Sendable, Record>(
        _ path: String, _ type: Page.Type, _ read: (Page) -> (records: [Record], next: String?)
    ) async throws -> [Record] {
        var (records, next) = read(try await client.get(path, as: type))
        while let after = next {
            let page = read(try await client.get("\(path)&after=\(after)", as: type))
            records += page.records
            next = page.next
        }
        return records
    }
}
