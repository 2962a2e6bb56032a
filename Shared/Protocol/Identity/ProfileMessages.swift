import Foundation

/// What others see of somebody who is in a meeting.
public enum PresenceInMeetings: String, Codable, CaseIterable, Sendable {
    case busy
    case doNotDisturb = "do_not_disturb"
}

public enum Appearance: String, Codable, CaseIterable, Sendable {
    case standard, bright, dark
}

/// What a person is told of in a meeting.
public enum Notification: String, Codable, CaseIterable, Sendable {
    case entering, leaving, chat
}

/// Languages of Parley's pages.
public enum Language: String, Codable, CaseIterable, Sendable {
    case german = "de"
    case english = "en"
}

/// Colours of avatars without a picture.
public enum AvatarColor: String, Codable, CaseIterable, Sendable {
    case blue, teal, green, amber, orange, red, pink, violet, gray
}

/// What a person sets for themselves: `PUT /api/identity/profile`.
public struct ProfileDraft: Codable, Hashable, Sendable {
    /// Nothing for accounts whose name comes from a directory.
    public var displayName: String?
    /// Nothing takes the organization's, or the browser's.
    public var language: Language?
    public var presenceInMeetings: PresenceInMeetings
    /// Whether colleagues see this person's presence at all.
    public var showsPresence: Bool
    public var appearance: Appearance
    public var notifications: [Notification]
    /// Nothing for one that is made from the name.
    public var avatarColor: AvatarColor?

    public init(
        displayName: String? = nil, language: Language? = nil, presenceInMeetings: PresenceInMeetings = .busy,
        showsPresence: Bool = true, appearance: Appearance = .standard,
        notifications: [Notification] = Notification.allCases, avatarColor: AvatarColor? = nil
    ) {
        self.displayName = displayName
        self.language = language
        self.presenceInMeetings = presenceInMeetings
        self.showsPresence = showsPresence
        self.appearance = appearance
        self.notifications = notifications
        self.avatarColor = avatarColor
    }
}

/// Answer of `GET /api/identity/profile`.
public struct ProfileView: Codable, Hashable, Sendable {
    public var account: AccountID
    public var userName: String
    public var displayName: String
    public var email: String?
    public var language: Language?
    /// The organization's, for who has chosen none.
    public var defaultLanguage: Language?
    public var presenceInMeetings: PresenceInMeetings
    public var showsPresence: Bool
    public var appearance: Appearance
    public var notifications: [Notification]
    public var avatarColor: AvatarColor?
    /// Changes with the picture; absent without one.
    public var picture: String?
    /// Where name and password are kept.
    public var origin: AccountOrigin
    /// Characters that a new password must have.
    public var passwordMinimum: Int
    public var hasSecondFactor: Bool
    /// Whether the organization demands one.
    public var needsSecondFactor: Bool
    public var recoveryCodesLeft: Int

    public init(
        account: AccountID, userName: String, displayName: String, email: String?, language: Language?,
        defaultLanguage: Language?, presenceInMeetings: PresenceInMeetings, showsPresence: Bool, appearance: Appearance,
        notifications: [Notification], avatarColor: AvatarColor?, picture: String?, origin: AccountOrigin,
        passwordMinimum: Int, hasSecondFactor: Bool, needsSecondFactor: Bool, recoveryCodesLeft: Int
    ) {
        self.account = account
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.language = language
        self.defaultLanguage = defaultLanguage
        self.presenceInMeetings = presenceInMeetings
        self.showsPresence = showsPresence
        self.appearance = appearance
        self.notifications = notifications
        self.avatarColor = avatarColor
        self.picture = picture
        self.origin = origin
        self.passwordMinimum = passwordMinimum
        self.hasSecondFactor = hasSecondFactor
        self.needsSecondFactor = needsSecondFactor
        self.recoveryCodesLeft = recoveryCodesLeft
    }
}

/// `PUT /api/identity/profile/password`
public struct PasswordChange: Codable, Sendable {
    public var current: String
    public var new: String

    public init(current: String, new: String) {
        self.current = current
        self.new = new
    }
}

/// A second factor that somebody may set up: answer of `POST /api/identity/profile/second-factor` and of
/// `POST /api/identity/session/second-factor`. It counts from when a code of it was given back.
public struct SecondFactorOffer: Codable, Hashable, Sendable {
    /// Base32 (RFC 4648), for typing into an authenticator.
    public var secret: String
    /// `otpauth://totp/…`, for tapping.
    public var uri: String
    /// The same as a QR code: rows from top to bottom, `1` is dark.
    public var qrCode: [String]
    /// To be given back together with the code, within ten minutes.
    public var enrollment: String

    public init(secret: String, uri: String, qrCode: [String], enrollment: String) {
        self.secret = secret
        self.uri = uri
        self.qrCode = qrCode
        self.enrollment = enrollment
    }
}

/// `POST /api/identity/profile/second-factor` and `DELETE …`, `POST …/recovery-codes`: who changes how they sign in shows
/// the password again.
public struct Reauthentication: Codable, Sendable {
    public var password: String
    /// Of the second factor that there is.
    public var code: String?

    public init(password: String, code: String? = nil) {
        self.password = password
        self.code = code
    }
}

/// `POST /api/identity/accounts/{account}/one-time-password`, `DELETE …/second-factor` and `AccountDraft`: an administrator who
/// opens the account of another administrator, or gives or takes power, shows the own password again. Else nothing is needed.
public struct AdministratorReauthentication: Codable, Hashable, Sendable {
    public var password: String?
    /// Of the administrator's second factor, if there is one.
    public var code: String?

    public init(password: String? = nil, code: String? = nil) {
        self.password = password
        self.code = code
    }
}

/// `PUT /api/identity/profile/second-factor`
public struct SecondFactorSetup: Codable, Sendable {
    public var enrollment: String
    public var code: String

    public init(enrollment: String, code: String) {
        self.enrollment = enrollment
        self.code = code
    }
}

/// Each opens the account once in place of a code; they are shown only now.
public struct RecoveryCodes: Codable, Hashable, Sendable {
    public var recoveryCodes: [String]

    public init(recoveryCodes: [String]) {
        self.recoveryCodes = recoveryCodes
    }
}

/// Answer of `GET /api/identity/sessions`: where a person is signed in, the one used last first.
public struct SessionList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var session: SessionID
        public var createdAt: Date
        /// To within a few minutes.
        public var lastUsedAt: Date
        public var expiresAt: Date
        public var stayLoggedIn: Bool
        /// Such as `Firefox`; absent when it is not known.
        public var browser: String?
        /// Such as `Windows`.
        public var system: String?
        /// The address that it was begun from.
        public var source: String?
        /// Whether it is the one that asks.
        public var isCurrent: Bool

        public init(
            session: SessionID, createdAt: Date, lastUsedAt: Date, expiresAt: Date, stayLoggedIn: Bool,
            browser: String?, system: String?, source: String?, isCurrent: Bool
        ) {
            self.session = session
            self.createdAt = createdAt
            self.lastUsedAt = lastUsedAt
            self.expiresAt = expiresAt
            self.stayLoggedIn = stayLoggedIn
            self.browser = browser
            self.system = system
            self.source = source
            self.isCurrent = isCurrent
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }
}
