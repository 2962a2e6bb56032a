import Foundation

/// Where the name and the password of an account are kept.
public enum AccountOrigin: String, Codable, CaseIterable, Sendable {
    case local, ldap
    case openIDConnect = "oidc"
}

/// Who may create rooms in an organization.
public enum RoomCreators: String, Codable, CaseIterable, Sendable {
    /// Accounts with the permission `rooms.create`.
    case permitted
    case everyone
}

/// Whether accounts must have a second factor.
public enum SecondFactorPolicy: String, Codable, CaseIterable, Sendable {
    case optional, required
}

/// Whether lists of who was in a meeting are kept.
public enum AttendancePolicy: String, Codable, CaseIterable, Sendable {
    case off
    /// For the owner of the room.
    case owner
}

/// What an administrator sets of an organization: `PUT /api/identity/organization`.
public struct OrganizationDraft: Codable, Hashable, Sendable {
    public var name: String
    public var aliases: [String]
    /// Domains that may stand before or after a user name; when empty, any.
    public var signInDomains: [String]
    /// Characters of a new password, 8 to 64.
    public var passwordMinimum: Int
    public var roomCreators: RoomCreators
    public var defaultLanguage: Language?
    public var secondFactor: SecondFactorPolicy
    /// Absent on the wire: off.
    public var attendance: AttendancePolicy

    public init(
        name: String, aliases: [String] = [], signInDomains: [String] = [], passwordMinimum: Int = 15,
        roomCreators: RoomCreators = .permitted, defaultLanguage: Language? = nil,
        secondFactor: SecondFactorPolicy = .optional, attendance: AttendancePolicy = .off
    ) {
        self.name = name
        self.aliases = aliases
        self.signInDomains = signInDomains
        self.passwordMinimum = passwordMinimum
        self.roomCreators = roomCreators
        self.defaultLanguage = defaultLanguage
        self.secondFactor = secondFactor
        self.attendance = attendance
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        aliases = try values.decode([String].self, forKey: .aliases)
        signInDomains = try values.decode([String].self, forKey: .signInDomains)
        passwordMinimum = try values.decode(Int.self, forKey: .passwordMinimum)
        roomCreators = try values.decode(RoomCreators.self, forKey: .roomCreators)
        defaultLanguage = try values.decodeIfPresent(Language.self, forKey: .defaultLanguage)
        secondFactor = try values.decode(SecondFactorPolicy.self, forKey: .secondFactor)
        attendance = try values.decodeIfPresent(AttendancePolicy.self, forKey: .attendance) ?? .off
    }
}

/// Answer of `GET` and `PUT /api/identity/organization`.
public struct OrganizationSettingsView: Codable, Hashable, Sendable {
    public var id: OrganizationID
    public var ucsid: String
    public var isEnabled: Bool
    public var settings: OrganizationDraft
    /// Also the ETag.
    public var version: Int

    public init(
        id: OrganizationID, ucsid: String, isEnabled: Bool, settings: OrganizationDraft, version: Int
    ) {
        self.id = id
        self.ucsid = ucsid
        self.isEnabled = isEnabled
        self.settings = settings
        self.version = version
    }
}

/// What an administrator sets of an account: `POST /api/identity/accounts` and `PUT /api/identity/accounts/{account}`.
public struct AccountDraft: Codable, Hashable, Sendable {
    public var userName: String
    public var displayName: String
    public var email: String?
    public var language: Language?
    public var permissions: [Permission]
    public var isEnabled: Bool
    /// Needed where administrative permissions are given or taken.
    public var shown: AdministratorReauthentication?

    public init(
        userName: String, displayName: String, email: String? = nil, language: Language? = nil,
        permissions: [Permission] = [], isEnabled: Bool = true, shown: AdministratorReauthentication? = nil
    ) {
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.language = language
        self.permissions = permissions
        self.isEnabled = isEnabled
        self.shown = shown
    }
}

/// An account, for administrators.
public struct AccountView: Codable, Hashable, Sendable {
    public var account: AccountID
    public var userName: String
    public var displayName: String
    public var email: String?
    public var language: Language?
    public var permissions: [Permission]
    public var isEnabled: Bool
    public var origin: AccountOrigin
    public var hasSecondFactor: Bool
    /// Whether a one-time password waits to be changed.
    public var mustChangePassword: Bool
    public var createdAt: Date
    public var lastSignInAt: Date?
    /// Also the ETag.
    public var version: Int

    public init(
        account: AccountID, userName: String, displayName: String, email: String?, language: Language?,
        permissions: [Permission], isEnabled: Bool, origin: AccountOrigin, hasSecondFactor: Bool,
        mustChangePassword: Bool, createdAt: Date, lastSignInAt: Date?, version: Int
    ) {
        self.account = account
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.language = language
        self.permissions = permissions
        self.isEnabled = isEnabled
        self.origin = origin
        self.hasSecondFactor = hasSecondFactor
        self.mustChangePassword = mustChangePassword
        self.createdAt = createdAt
        self.lastSignInAt = lastSignInAt
        self.version = version
    }
}

/// Answer of `GET /api/identity/accounts?search=&limit=&cursor=`, by display name.
public struct AccountList: Codable, Hashable, Sendable {
    public var items: [AccountView]
    public var nextCursor: String?

    public init(items: [AccountView], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// A password that opens the account once, to set another. It is shown only now.
public struct OneTimePasswordView: Codable, Hashable, Sendable {
    public var password: String
    public var expiresAt: Date

    public init(password: String, expiresAt: Date) {
        self.password = password
        self.expiresAt = expiresAt
    }
}

/// Answer of `POST /api/identity/accounts`.
public struct AccountCreated: Codable, Hashable, Sendable {
    public var account: AccountView
    public var oneTimePassword: OneTimePasswordView

    public init(account: AccountView, oneTimePassword: OneTimePasswordView) {
        self.account = account
        self.oneTimePassword = oneTimePassword
    }
}

/// What was done to accounts and organizations: answer of `GET /api/identity/audit?limit=&cursor=`, the newest first.
public struct AuditList: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var at: Date
        /// What was done, such as `account.disabled`.
        public var action: String
        /// Who did it: the user name, or `operator` at the command line.
        public var actor: String
        /// Absent for operators.
        public var actorAccount: AccountID?
        /// The address it was done from.
        public var source: String
        /// What it was done to, by the name that it had then.
        public var subject: String
        public var subjectAccount: AccountID?
        /// What was changed, never with a secret.
        public var detail: [String: String]

        public init(
            at: Date, action: String, actor: String, actorAccount: AccountID?, source: String, subject: String,
            subjectAccount: AccountID?, detail: [String: String]
        ) {
            self.at = at
            self.action = action
            self.actor = actor
            self.actorAccount = actorAccount
            self.source = source
            self.subject = subject
            self.subjectAccount = subjectAccount
            self.detail = detail
        }
    }

    public var items: [Entry]
    public var nextCursor: String?

    public init(items: [Entry], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// Everything that identity keeps about one person, but secrets: `GET /api/identity/profile/export` and
/// `GET /api/identity/accounts/{account}/export`.
public struct AccountExport: Codable, Hashable, Sendable {
    public var organization: OrganizationView
    public var account: AccountView
    public var profile: ProfileView
    public var sessions: [SessionList.Item]
    /// What the person did and what was done to the account.
    public var audit: [AuditList.Entry]
    /// Rooms of the person; absent where directory was not asked.
    public var rooms: [RoomRecord]?
    /// Of those rooms; absent where directory was not asked.
    public var appointments: [AppointmentRecord]?
    /// Meetings in which the person is known to have been; absent where directory was not asked.
    public var attendance: [AttendanceRecord]?

    public init(
        organization: OrganizationView, account: AccountView, profile: ProfileView, sessions: [SessionList.Item],
        audit: [AuditList.Entry], rooms: [RoomRecord]? = nil, appointments: [AppointmentRecord]? = nil,
        attendance: [AttendanceRecord]? = nil
    ) {
        self.organization = organization
        self.account = account
        self.profile = profile
        self.sessions = sessions
        self.audit = audit
        self.rooms = rooms
        self.appointments = appointments
        self.attendance = attendance
    }
}
