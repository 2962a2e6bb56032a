// @ts-check
// The HTTP bodies of Shared/Protocol/Presence that administrators see, as types. Nothing here runs. Times are RFC 3339 texts.

/** @typedef {{ id: string, name: string, createdAt: string, createdBy: string, lastUsedAt?: string }} ReadTokenItem `lastUsedAt`: to the minute */
/** @typedef {{ id: string, name: string, token: string, createdAt: string }} CreatedReadToken */
/** @typedef {"refused" | "timed_out" | "unreachable" | "secret_unreadable"} FailureReason */
/** @typedef {{ at: string, reason: FailureReason, status?: number }} WebhookFailure `status`: with `refused` */
/**
 * @typedef {object} WebhookItem
 * @property {string} id
 * @property {string} name
 * @property {string} url scheme, host and port
 * @property {string} createdAt
 * @property {boolean} isEnabled
 * @property {number} waiting
 * @property {number} deadLetters
 * @property {string} [lastDeliveredAt]
 * @property {WebhookFailure} [lastFailure]
 */
/**
 * @typedef {object} DeadLetterItem
 * @property {string} id
 * @property {string} type
 * @property {number} events changes in it, or people of a snapshot
 * @property {string} createdAt
 * @property {string} failedAt
 * @property {number} attempts
 * @property {WebhookFailure} lastFailure
 */
/** @typedef {{ items: DeadLetterItem[], nextCursor?: string }} DeadLetterList */
/** @typedef {{ letter: DeadLetterItem, body: string }} DeadLetter `body`: as it was sent */

export {};
