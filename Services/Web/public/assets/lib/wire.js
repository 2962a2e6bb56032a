// @ts-check
// The HTTP bodies of Shared/Protocol as types. Nothing here runs. Times are RFC 3339 texts.

/** @typedef {"rooms.create" | "organization.admin" | "system.admin"} Permission */
/** @typedef {"moderator" | "participant"} Role */
/** @typedef {"missing" | "too_short" | "too_long" | "bad_format" | "taken" | "not_allowed" | "too_common" | "unchanged"} FieldReason */
/** @typedef {{ field: string, reason: FieldReason, minimum?: number }} FieldProblem `minimum`: characters, where that differs */
/** @typedef {{ type: string, title: string, status: number, code: string, detail?: string, fields?: FieldProblem[], retryAfter?: number }} Problem */
/** @typedef {{ userName: string, password: string, organization: string, stayLoggedIn: boolean, code?: string, newPassword?: string, enrollment?: string }} SignInRequest */
/** @typedef {{ id: string, name: string }} SignInConnection */
/** @typedef {{ connections: SignInConnection[] }} SignInOptions */
/** @typedef {{ id: string, ucsid: string, name: string }} OrganizationView */
/** @typedef {{ session: string, account: string, userName: string, displayName: string, permissions: Permission[], organization: OrganizationView, expiresAt: string, stayLoggedIn: boolean, recoveryCodes?: string[] }} SessionView `recoveryCodes`: in the answer to signing in only */
/** @typedef {{ accessToken: string, expiresAt: string }} AccessTokenView */
/** @typedef {{ account: string, displayName: string }} Colleague */
/** @typedef {{ items: Colleague[], nextCursor?: string }} ColleaguesView */
/** @typedef {"available" | "inactive" | "busy" | "do_not_disturb" | "absent" | "offline"} PresenceState */
/** @typedef {{ state: PresenceState, note?: "in_meeting", text?: string, until?: string }} SeenPresence what colleagues see of somebody */
/** @typedef {SeenPresence & { account: string }} PresenceView */
/** @typedef {"available" | "busy" | "do_not_disturb" | "absent" | "invisible"} ManualState */
/** @typedef {{ state: ManualState, text?: string, until?: string }} ManualPresence what somebody sets by hand */
/** @typedef {{ manual: ManualPresence, seen: SeenPresence }} OwnPresence */
/** @typedef {"local" | "ldap" | "oidc"} AccountOrigin */
/** @typedef {"de" | "en"} Language */
/** @typedef {"standard" | "bright" | "dark"} Appearance */
/** @typedef {"busy" | "do_not_disturb"} PresenceInMeetings */
/** @typedef {"entering" | "leaving" | "chat"} Notification */
/** @typedef {"blue" | "teal" | "green" | "amber" | "orange" | "red" | "pink" | "violet" | "gray"} AvatarColor */
/**
 * What a person sets for themselves.
 * @typedef {object} ProfileDraft
 * @property {string} [displayName]
 * @property {Language} [language]
 * @property {PresenceInMeetings} presenceInMeetings
 * @property {boolean} showsPresence
 * @property {Appearance} appearance
 * @property {Notification[]} notifications
 * @property {AvatarColor} [avatarColor]
 */
/**
 * @typedef {object} ProfileFacts
 * @property {string} account
 * @property {string} userName
 * @property {string} displayName
 * @property {string} [email]
 * @property {string} [picture] changes with the picture; absent without one
 * @property {AccountOrigin} origin where name and password are kept
 * @property {Language} [defaultLanguage] the organization's
 * @property {number} passwordMinimum
 * @property {boolean} hasSecondFactor
 * @property {boolean} needsSecondFactor
 * @property {number} recoveryCodesLeft
 */
/** @typedef {ProfileDraft & ProfileFacts} ProfileView */
/** @typedef {{ current: string, new: string }} PasswordChange */
/**
 * @typedef {object} SecondFactorOffer
 * @property {string} secret Base32
 * @property {string} uri `otpauth://…`
 * @property {string[]} qrCode rows, `1` is dark
 * @property {string} enrollment
 */
/** @typedef {{ password: string, code?: string }} Reauthentication */
/** @typedef {{ enrollment: string, code: string }} SecondFactorSetup */
/** @typedef {{ recoveryCodes: string[] }} RecoveryCodes */
/** @typedef {{ session: string, createdAt: string, lastUsedAt: string, expiresAt: string, stayLoggedIn: boolean, browser?: string, system?: string, source?: string, isCurrent: boolean }} SessionItem */
/** @typedef {"permitted" | "everyone"} RoomCreators */
/** @typedef {"optional" | "required"} SecondFactorPolicy */
/** @typedef {"off" | "owner"} AttendancePolicy */
/**
 * @typedef {object} OrganizationDraft
 * @property {string} name
 * @property {string[]} aliases
 * @property {string[]} signInDomains
 * @property {number} passwordMinimum
 * @property {RoomCreators} roomCreators
 * @property {Language} [defaultLanguage]
 * @property {SecondFactorPolicy} secondFactor
 * @property {AttendancePolicy} [attendance]
 */
/** @typedef {{ id: string, ucsid: string, isEnabled: boolean, settings: OrganizationDraft, version: number }} OrganizationSettingsView */
/** @typedef {{ userName: string, displayName: string, email?: string, language?: Language, permissions: Permission[], isEnabled: boolean, shown?: Reauthentication }} AccountDraft */
/** @typedef {{ account: string, origin: AccountOrigin, hasSecondFactor: boolean, mustChangePassword: boolean, createdAt: string, lastSignInAt?: string, version: number }} AccountFacts */
/** @typedef {AccountDraft & AccountFacts} AccountView */
/** @typedef {{ items: AccountView[], nextCursor?: string }} AccountList */
/** @typedef {{ password: string, expiresAt: string }} OneTimePasswordView */
/** @typedef {{ account: AccountView, oneTimePassword: OneTimePasswordView }} AccountCreated */
/** @typedef {{ at: string, action: string, actor: string, actorAccount?: string, source: string, subject: string, subjectAccount?: string, detail: Record<string, string> }} AuditItem */
/** @typedef {{ items: AuditItem[], nextCursor?: string }} AuditList */

export {};
