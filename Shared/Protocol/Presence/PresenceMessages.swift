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

/// What colleagues see of a person.
public enum PresenceState: String, Codable, CaseIterable, Sendable {
    case available
    case busy
}

public enum PresenceNote: String, Codable, Sendable {
    case inMeeting = "in_meeting"
}

public struct PresenceView: Codable, Hashable, Sendable {
    public var account: AccountID
    public var state: PresenceState
    public var note: PresenceNote?

    public init(account: AccountID, state: PresenceState, note: PresenceNote? = nil) {
        self.account = account
        self.state = state
        self.note = note
    }
}

/// `GET /api/presence/colleagues`: everybody of one's organization who is not simply available.
public struct PresenceSnapshot: Codable, Hashable, Sendable {
    public var items: [PresenceView]

    public init(items: [PresenceView]) {
        self.items = items
    }
}
