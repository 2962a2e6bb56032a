import Foundation

/// What a person may do.
public enum Permission: String, Codable, CaseIterable, Sendable {
    case createRooms = "rooms.create"
    case administerOrganization = "organization.admin"
    case administerSystem = "system.admin"
}

/// Who a signed-in person is: the content of an access token, made by identity and checked by every other service.
public struct AccessClaims: Codable, Hashable, Sendable {
    public var account: AccountID
    public var organization: OrganizationID
    public var session: SessionID
    public var displayName: String
    public var permissions: [Permission]
    /// Rises when the account's permissions change, so that tokens of before are worth nothing.
    public var generation: Int?
    /// When the session ends by itself, for what lives longer than a token. Absent in tokens of older releases.
    public var sessionEndsAt: Date?

    public init(
        account: AccountID, organization: OrganizationID, session: SessionID, displayName: String,
        permissions: [Permission], generation: Int? = nil, sessionEndsAt: Date? = nil
    ) {
        self.account = account
        self.organization = organization
        self.session = session
        self.displayName = displayName
        self.permissions = permissions
        self.generation = generation
        self.sessionEndsAt = sessionEndsAt
    }
}

/// A short permission to enter one room, made by directory, used once at signaling. Lives for `Limits.ticket` seconds.
public struct TicketClaims: Codable, Hashable, Sendable {
    /// Unique; signaling takes each only once.
    public var id: String
    public var room: RoomID
    public var organization: OrganizationID
    public var roomName: String
    public var roomAlias: String
    public var role: Role
    /// The name that the person goes by in the meeting.
    public var displayName: String
    /// Absent for a guest.
    public var account: AccountID?
    /// The organization of the account; absent for a guest.
    public var accountOrganization: OrganizationID?
    /// With which the seat ends; absent for a guest.
    public var session: SessionID?
    /// What holds for the room's meetings, as directory knew it. Absent: what is usual.
    public var policy: RoomPolicy?
    /// Where the person came from: an IPv4 address or an IPv6 network of 64 bits. For bans.
    public var source: String?

    public init(
        id: String, room: RoomID, organization: OrganizationID, roomName: String, roomAlias: String, role: Role,
        displayName: String, account: AccountID? = nil, accountOrganization: OrganizationID? = nil,
        session: SessionID? = nil, policy: RoomPolicy? = nil, source: String? = nil
    ) {
        self.id = id
        self.room = room
        self.organization = organization
        self.roomName = roomName
        self.roomAlias = roomAlias
        self.role = role
        self.displayName = displayName
        self.account = account
        self.accountOrganization = accountOrganization
        self.session = session
        self.policy = policy
        self.source = source
    }
}

/// What a participant may do in a meeting.
public enum Role: String, Codable, CaseIterable, Sendable {
    case moderator
    case participant
}

/// The services, as issuers and audiences of tokens and in logs.
public enum ServiceName: String, Codable, CaseIterable, Sendable {
    case identity, directory, signaling, presence
}
