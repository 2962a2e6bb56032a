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
 * @returns {import("./messages.js").EndReason | null}
 */
export function endReason(code) {
    switch (code) {
        case closeCodes.normal: return "left";
        case closeCodes.superseded: return "superseded";
        case closeCodes.removed: return "removed";
        case closeCodes.meetingEnded: return "ended_by_moderator";
        default: return null;
    }
}
