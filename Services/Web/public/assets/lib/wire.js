// @ts-check
// The HTTP bodies of Shared/Protocol as types. Nothing here runs. Times are RFC 3339 texts.

/** @typedef {"blue" | "teal" | "green" | "yellow" | "orange" | "red" | "pink" | "purple" | "gray"} RoomColor */
/** @typedef {"rooms.create" | "organization.admin" | "system.admin"} Permission */
/** @typedef {"moderator" | "participant"} Role */
/** @typedef {"missing" | "too_short" | "too_long" | "bad_format" | "taken" | "not_allowed"} FieldReason */
/** @typedef {{ field: string, reason: FieldReason }} FieldProblem */
/** @typedef {{ type: string, title: string, status: number, code: string, detail?: string, fields?: FieldProblem[], retryAfter?: number }} Problem */
/** @typedef {{ userName: string, password: string, organization: string, stayLoggedIn: boolean }} SignInRequest */
/** @typedef {{ id: string, ucsid: string, name: string }} OrganizationView */
/** @typedef {{ session: string, account: string, userName: string, displayName: string, permissions: Permission[], organization: OrganizationView, expiresAt: string, stayLoggedIn: boolean }} SessionView */
/** @typedef {{ accessToken: string, expiresAt: string }} AccessTokenView */
/** @typedef {{ account: string, displayName: string }} Colleague */
/** @typedef {{ items: Colleague[], nextCursor?: string }} ColleaguesView */
/** @typedef {{ account: string, state: "available" | "busy", note?: "in_meeting" }} PresenceView */
/** @typedef {{ items: PresenceView[] }} PresenceSnapshot */
/**
 * @typedef {object} RoomView
 * @property {string} id
 * @property {string} name
 * @property {string} alias
 * @property {string} description
 * @property {RoomColor} color
 * @property {string} [pin]
 * @property {string} createdAt
 * @property {string} updatedAt
 * @property {string} lastUsedAt
 * @property {string} expiresAt
 * @property {number} [occupancy] absent when signaling can't be asked
 * @property {number} version also the ETag
 */
/** @typedef {{ items: RoomView[], nextCursor?: string }} RoomList */
/** @typedef {{ name: string, alias?: string, description?: string, color?: RoomColor, pin?: string }} RoomDraft */
/** @typedef {{ alias: string, available: boolean, reason?: FieldReason }} AliasCheck */
/** @typedef {{ displayName?: string, pin?: string, check?: boolean }} EntryRequest */
/** @typedef {{ id: string, name: string, alias: string, description: string, color: RoomColor, hasPIN: boolean }} EntryRoom */
/** @typedef {{ room: EntryRoom, role: Role, occupancy?: number, seats: number, ticket?: string, ticketExpiresAt?: string }} EntryGrant */

export {};
