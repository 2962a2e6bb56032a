// @ts-check
// What is said of tokens and webhooks. Pure.
import { characters, limits } from "../../lib/limits.js";

/** @typedef {import("../../lib/wire-presence.js").WebhookItem} WebhookItem */
/** @typedef {import("../../lib/wire-presence.js").WebhookFailure} WebhookFailure */

/**
 * What is wrong with the name of a token.
 * @param {string} text
 * @returns {import("../../lib/wire.js").FieldReason | null}
 */
export function checkTokenName(text) {
    const name = text.trim();
    if (name === "") return "missing";
    return characters(name) > limits.readTokenName.max ? "too_long" : null;
}

/**
 * Whether messages come through; `failing` is one that has failed since the last that was delivered.
 * @param {Pick<WebhookItem, "isEnabled" | "lastDeliveredAt" | "lastFailure">} webhook
 * @returns {"disabled" | "failing" | "enabled"}
 */
export function webhookState({ isEnabled, lastDeliveredAt, lastFailure }) {
    if (!isEnabled) return "disabled";
    if (!lastFailure) return "enabled";
    return lastDeliveredAt === undefined || Date.parse(lastFailure.at) > Date.parse(lastDeliveredAt) ? "failing" : "enabled";
}

/**
 * The key of the sentence for a failure.
 * @param {Pick<WebhookFailure, "reason" | "status">} failure
 */
export function failureKey({ reason, status = 0 }) {
    switch (reason) {
        case "refused":
            if (status === 410) return "failure.gone";
            if (status >= 300 && status < 400) return "failure.redirected";
            return status === 0 ? "failure.refused" : "failure.refusedWith";
        case "timed_out":
            return "failure.timedOut";
        case "unreachable":
            return "failure.unreachable";
        case "secret_unreadable":
            return "failure.secretUnreadable";
        default:
            return "failure.other";
    }
}

/**
 * The key of what is in a message.
 * @param {string} type
 */
export function contentKey(type) {
    if (type === "presence.changed") return "letters.changes";
    return type === "presence.snapshot" ? "letters.snapshot" : "letters.other";
}

/**
 * The body of a message with a line for each value; as it is, if it is no JSON.
 * @param {string} body
 */
export function readableBody(body) {
    try {
        return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
        return body;
    }
}
