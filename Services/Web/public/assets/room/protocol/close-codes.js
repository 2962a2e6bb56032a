// @ts-check
import { closeCodes } from "../../lib/limits.js";

/** @type {ReadonlySet<number>} */
const final = new Set([
    closeCodes.normal, closeCodes.protocolError, closeCodes.unsupportedData, closeCodes.invalidText, closeCodes.tooLarge,
]);

/**
 * Whether to connect again without being asked. A broken network (1006) is no reason to stay away.
 *
 * @param {number} code
 * @returns {boolean}
 */
export function mayReconnect(code) {
    return !final.has(code) && code < 4500;
}

/**
 * What a final close code says about the end of the meeting for this person.
 *
 * @param {number} code
 * @returns {import("./observer.js").Ending}
 */
export function endingOf(code) {
    switch (code) {
        case closeCodes.normal: return { kind: "ended", reason: "left" };
        case closeCodes.superseded: return { kind: "ended", reason: "superseded" };
        case closeCodes.removed: return { kind: "ended", reason: "removed" };
        case closeCodes.meetingEnded: return { kind: "ended", reason: "ended_by_moderator" };
        case closeCodes.signedOut: return { kind: "ended", reason: "signed_out" };
        default: return { kind: "refused", code: "internal_error", message: `The connection was closed (${code}).` };
    }
}
