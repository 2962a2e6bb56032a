import Foundation

/// `POST /api/identity/session`, and with the password only, `POST /api/identity/session/second-factor`.
public struct SignInRequest: Codable, Sendable {
    public var userName: String
    public var password: String
    /// The UCSID of the organization or one of its aliases; case does not matter.
    public var organization: String
    public var stayLoggedIn: Bool
    /// Six digits of the authenticator, or a recovery code; asked for by `second_factor_required`.
    public var code: String?
    /// In place of a one-time password; asked for by `password_change_required`.
    public var newPassword: String?
    /// Of the `SecondFactorOffer` that `code` belongs to; asked for by `second_factor_setup_required`.
    public var enrollment: String?

    public init(
        userName: String, password: String, organization: String, stayLoggedIn: Bool, code: String? = nil,
        newPassword: String? = nil, enrollment: String? = nil
    ) {
        self.userName = userName
        self.password = password
        self.organization = organization
        self.stayLoggedIn = stayLoggedIn
        self.code = code
        self.newPassword = newPassword
        self.enrollment = enrollment
    }
}

/// The signed-in person: answer of `POST` and `GET /api/identity/session`.
public struct SessionView: Codable, Hashable, Sendable {
    public var session: SessionID
    public var account: AccountID
    public var userName: String
    public var displayName: String
    public var permissions: [Permission]
    public var organization: OrganizationView
    /// When the session ends at the latest.
    public var expiresAt: Date
    public var stayLoggedIn: Bool
    /// Of a second factor that was set up with this sign-in; told once.
    public var recoveryCodes: [String]?

    public init(
        session: SessionID, account: AccountID, userName: String, displayName: String, permissions: [Permission],
        organization: OrganizationView, expiresAt: Date, stayLoggedIn: Bool, recoveryCodes: [String]? = nil
    ) {
        self.session = session
        self.account = account
        self.userName = userName
        self.displayName = displayName
        self.permissions = permissions
        self.organization = organization
        self.expiresAt = expiresAt
        self.stayLoggedIn = stayLoggedIn
        self.recoveryCodes = recoveryCodes
    }
}

public struct OrganizationView: Codable, Hashable, Sendable {
    public var id: OrganizationID
    public var ucsid: String
    public var name: String

    public init(id: OrganizationID, ucsid: String, name: String) {
        self.id = id
        self.ucsid = ucsid
        self.name = name
    }
}

/// Answer of `POST /api/identity/session/token`.
public struct AccessTokenView: Codable, Hashable, Sendable {
    public var accessToken: String
    public var expiresAt: Date

    public init(accessToken: String, expiresAt: Date) {
        self.accessToken = accessToken
        self.expiresAt = expiresAt
    }
}

/// Answer of `GET /api/identity/colleagues`: the enabled accounts of one's organization, by display name.
public struct ColleaguesView: Codable, Hashable, Sendable {
    public struct Colleague: Codable, Hashable, Sendable {
        public var account: AccountID
        public var displayName: String

        public init(account: AccountID, displayName: String) {
            self.account = account
            self.displayName = displayName
        }
    }

    public var items: [Colleague]
    public var nextCursor: String?

    public init(items: [Colleague], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// Answer of `GET /api/identity/sign-in-options?organization=`: by which providers people of an organization may sign in.
public struct SignInOptions: Codable, Hashable, Sendable {
    public struct Connection: Codable, Hashable, Sendable {
        /// Stands in `/api/identity/oidc/{id}/begin?stayLoggedIn=&next=`, where the browser goes.
        public var id: String
        /// "Sign in with …".
        public var name: String

        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    public var connections: [Connection]

    public init(connections: [Connection]) {
        self.connections = connections
    }
}
