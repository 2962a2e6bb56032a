// @ts-check
// The same numbers as Shared/Protocol (Limits, CloseCode, ErrorCode). A test holds them against each other.

/**
 * A closed range of lengths.
 * @typedef {Readonly<{ min: number, max: number }>} Range
 */

export const limits = Object.freeze({
    seats: 50,

    // Texts, in characters (grapheme clusters) unless said otherwise
    displayName: Object.freeze({ min: 1, max: 60 }),
    roomName: Object.freeze({ min: 1, max: 80 }),
    roomAlias: Object.freeze({ min: 3, max: 64 }),
    roomDescription: Object.freeze({ min: 0, max: 2000 }),
    pin: Object.freeze({ min: 4, max: 10 }),
    generatedPIN: 6,
    chatText: Object.freeze({ min: 1, max: 2000 }),
    presenceText: Object.freeze({ min: 1, max: 100 }),
    readTokenName: Object.freeze({ min: 1, max: 80 }),
    userName: Object.freeze({ min: 1, max: 128 }),
    passwordBytes: Object.freeze({ min: 1, max: 1024 }),
    ucsid: Object.freeze({ min: 1, max: 64 }),
    organizationName: 100,
    email: 254,
    leastPasswordMinimum: 8,
    mostPasswordMinimum: 64,
    usualPasswordMinimum: 15,

    // Times, in seconds
    persistentSession: 86400,
    browserSession: 43200,
    accessToken: 300,
    ticket: 60,
    serviceToken: 60,
    roomAgeDays: 90,
    roomWarningDays: 76,
    deadLetterDays: 30,
    seatLease: 45,
    seatRenewal: 5,
    resumeGrace: 30,
    hello: 5,
    ping: 10,
    pingTimeout: 20,
    presenceLease: 45,
    inactivity: 300,

    // Sizes, in bytes
    frame: 262144,
    message: 16384,
    sdp: 204800,
    socketBudget: 262144,
    requestBody: 65536,
    chatTextBytes: 8000,
    picture: 49152,

    // Counts
    chatHistory: 200,
    eventLog: 512,
    screenSlots: 2,
    videoSlots: 12,
    audioSlots: 49,
    organizationAliases: 20,
    signInDomains: 20,
    recoveryCodes: 10,
    deputies: 20,
    appointmentsPerRoom: 200,
    occurrences: 730,
    appointmentHours: 24,
    invitees: 100,
});

export const closeCodes = Object.freeze({
    normal: 1000,
    goingAway: 1001,
    protocolError: 1002,
    unsupportedData: 1003,
    invalidText: 1007,
    tooLarge: 1009,
    internalError: 1011,
    serviceRestart: 1012,
    helloTimeout: 4400,
    slow: 4408,
    tooManyMessages: 4429,
    unavailable: 4490,
    seatLost: 4491,
    refused: 4503,
    superseded: 4509,
    removed: 4510,
    meetingEnded: 4511,
    signedOut: 4512,
});

export const errorCodes = Object.freeze([
    "bad_request",
    "validation_failed",
    "unauthenticated",
    "forbidden",
    "origin_refused",
    "not_found",
    "method_not_allowed",
    "conflict",
    "precondition_failed",
    "precondition_required",
    "payload_too_large",
    "unsupported_media_type",
    "too_many_requests",
    "internal_error",
    "unavailable",
    "credentials_wrong",
    "account_disabled",
    "password_change_required",
    "password_expired",
    "second_factor_required",
    "second_factor_wrong",
    "second_factor_setup_required",
    "second_factor_unconfirmed",
    "password_needed",
    "no_password",
    "enrollment_invalid",
    "sign_in_unavailable",
    "sign_in_declined",
    "kept_elsewhere",
    "last_administrator",
    "user_name_taken",
    "organization_taken",
    "alias_taken",
    "room_not_found",
    "room_expired",
    "pin_required",
    "pin_wrong",
    "pin_locked",
    "banned",
    "limit_reached",
    "personal_room",
    "mail_unavailable",
    "room_full",
    "lobby_full",
    "room_locked",
    "ticket_invalid",
    "rebuilding",
    "gone",
    "waiting",
    "admission_denied",
    "unknown_type",
    "malformed_message",
    "message_too_large",
    "unknown_participant",
    "media_unavailable",
    "media_refused",
]);

/** Why a field was refused. */
export const fieldReasons = Object.freeze(["missing", "too_short", "too_long", "bad_format", "taken", "not_allowed", "too_common", "unchanged"]);

/**
 * Whether a client should connect again without being asked, after a socket was closed with this code.
 *
 * 1005 and 1006 are the browser's own words for "no code" and "the connection broke".
 * @param {number} code
 */
export function mayReconnect(code) {
    const { goingAway, internalError, serviceRestart } = closeCodes;
    if ([1005, 1006, goingAway, internalError, serviceRestart].includes(code)) return true;
    return code >= 4400 && code < 4500;
}

/**
 * The length of a text as the server counts it: grapheme clusters where the browser can, else code points.
 * @param {string} text
 */
export function characters(text) {
    const { Segmenter } = /** @type {any} */ (Intl);
    if (!Segmenter) return [...text].length;
    return [...new Segmenter(undefined, { granularity: "grapheme" }).segment(text)].length;
}
