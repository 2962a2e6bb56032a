// @ts-check
// The bodies of the room directory (Shared/Protocol/Directory) as types. Nothing here runs. Times are RFC 3339 texts.

/** @typedef {"blue" | "teal" | "green" | "yellow" | "orange" | "red" | "pink" | "purple" | "gray"} RoomColor */
/** @typedef {"nobody" | "guests" | "everyone"} Lobby who is let in only by a moderator */
/** @typedef {"everyone" | "moderators"} Who */
/**
 * @typedef {object} RoomOptions
 * @property {boolean} everyoneModerates
 * @property {boolean} muteOnJoining
 * @property {Lobby} lobby
 * @property {boolean} waitForModerator
 * @property {Who} screenSharing
 * @property {Who} chat
 * @property {boolean} keepChat
 */
/** @typedef {{ start: string, end: string, timeZone: string }} Occurrence `timeZone`: an IANA name, the appointment's */
/** @typedef {"fine" | "expiring" | "expired"} RoomAge */
/**
 * @typedef {object} RoomView
 * @property {string} id
 * @property {"owner" | "deputy"} access
 * @property {string} ownerName
 * @property {boolean} personal
 * @property {string} name
 * @property {string} alias
 * @property {string} description
 * @property {RoomColor} color
 * @property {string} [pin]
 * @property {RoomOptions} options
 * @property {boolean} locked
 * @property {string[]} deputies
 * @property {string} createdAt
 * @property {string} updatedAt
 * @property {string} lastUsedAt
 * @property {string} expiresAt
 * @property {RoomAge} age
 * @property {number} [removedInDays] of an expired room
 * @property {number} [occupancy] absent when signaling can't be asked
 * @property {Occurrence} [nextAppointment]
 * @property {number} version also the ETag
 */
/** @typedef {{ items: RoomView[], nextCursor?: string }} RoomList */
/** @typedef {{ name: string, alias?: string, description?: string, color?: RoomColor, pin?: string, options?: RoomOptions }} RoomDraft */
/** @typedef {{ alias: string, available: boolean, reason?: import("./wire.js").FieldReason }} AliasCheck */

/** @typedef {"daily" | "weekly" | "biweekly" | "monthly"} Frequency */
/** @typedef {{ frequency: Frequency, until?: string, count?: number }} Recurrence `until`: the last day, `yyyy-MM-dd` */
/**
 * Times are wall-clock times of the time zone, `yyyy-MM-ddTHH:mm`.
 * @typedef {object} AppointmentDraft
 * @property {string} [title]
 * @property {string} start
 * @property {string} end
 * @property {string} timeZone
 * @property {Recurrence} [recurrence]
 * @property {string[]} [invitees]
 * @property {boolean} [includesPIN]
 * @property {string} [language]
 */
/** @typedef {{ id: string, room: string, title: string, invitees: string[], includesPIN: boolean, language: string, next?: Occurrence, version: number }} AppointmentFacts */
/** @typedef {AppointmentDraft & AppointmentFacts} AppointmentView */
/** @typedef {{ invitees: string[], accounts?: string[], includesPIN?: boolean, language?: string }} InvitationDraft */
/** @typedef {{ subject: string, text: string, link: string }} InvitationText */
/** @typedef {{ mail: boolean }} DirectoryFeatures */

/** @typedef {{ id: string, startedAt: string, endedAt?: string, people: number, hasAttendance: boolean }} MeetingItem */
/** @typedef {{ items: MeetingItem[], nextCursor?: string }} MeetingList */
/** @typedef {{ name: string, guest: boolean, joinedAt: string, leftAt?: string }} AttendanceItem */
/** @typedef {{ id: string, name: string, guest: boolean, bannedBy: string, bannedAt: string, until?: string }} BanItem */

/** @typedef {{ displayName?: string, pin?: string, check?: boolean }} EntryRequest */
/** @typedef {{ id: string, name: string, alias: string, description: string, color: RoomColor, hasPIN: boolean, options: RoomOptions }} EntryRoom */
/** @typedef {"direct" | "lobby" | "locked" | "moderator"} Admission */
/**
 * @typedef {object} EntryGrant
 * @property {EntryRoom} room its alias is the one that it has now
 * @property {import("./wire.js").Role} role
 * @property {Admission} admission
 * @property {number} [occupancy]
 * @property {number} seats
 * @property {Occurrence} [nextAppointment]
 * @property {string} [ticket]
 * @property {string} [ticketExpiresAt]
 */

export {};
