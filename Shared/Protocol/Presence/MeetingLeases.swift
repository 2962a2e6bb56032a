import Foundation

/// One signed-in person in one meeting, reported and renewed by signaling.
public struct MeetingLease: Codable, Hashable, Sendable {
    public var participant: ParticipantID
    public var account: AccountID
    public var organization: OrganizationID

    public init(participant: ParticipantID, account: AccountID, organization: OrganizationID) {
        self.participant = participant
        self.account = account
        self.organization = organization
    }
}

/// `POST /internal/meeting-leases` at presence: these people are in meetings for the next `Limits.presenceLease` seconds.
/// `POST /internal/meeting-leases/release` takes the same body: these people have left.
public struct MeetingLeases: Codable, Sendable {
    public var leases: [MeetingLease]

    public init(leases: [MeetingLease]) {
        self.leases = leases
    }
}
