import Foundation
import ParleyProtocol

/// Ids and leases that nobody else has.
enum Sample {
    static func account() -> AccountID { AccountID(UUID().uuidString.lowercased()) }
    static func organization() -> OrganizationID { OrganizationID(UUID().uuidString.lowercased()) }
    static func participant() -> ParticipantID { ParticipantID(String(UUID().uuidString.suffix(12))) }

    static func lease(
        participant: ParticipantID = participant(), account: AccountID = account(),
        organization: OrganizationID = organization()
    ) -> MeetingLease {
        MeetingLease(participant: participant, account: account, organization: organization)
    }
}
