// @ts-check
// What passwords and codes must look like, before the server is asked. Pure.
import { characters, limits } from "../../lib/limits.js";

/** @typedef {import("../../lib/wire.js").FieldReason} FieldReason */

/**
 * What is wrong with a new password, as far as that can be told without the server, which also knows what is easy to guess.
 * @param {string} password
 * @param {{ minimum?: number | undefined, former: string }} known
 * @returns {FieldReason | null}
 */
export function newPasswordProblem(password, { minimum, former }) {
    if (password === "") return "missing";
    if (new TextEncoder().encode(password.normalize("NFC")).length > limits.passwordBytes.max) return "too_long";
    // What no organization may allow is too short in any case.
    if (characters(password) < (minimum ?? limits.leastPasswordMinimum)) return "too_short";
    return password === former ? "unchanged" : null;
}

/**
 * @param {string} password
 * @param {string} again
 * @returns {"missing" | "differs" | null}
 */
export function repetitionProblem(password, again) {
    if (again === "") return "missing";
    return password === again ? null : "differs";
}

/**
 * A code without what people put between its parts.
 * @param {string} typed
 */
export function tidyCode(typed) {
    const code = typed.trim().replace(/\s+/g, "");
    return /^[0-9-]+$/.test(code) ? code.replace(/-/g, "") : code.toLowerCase();
}

/**
 * Whether it can be one: six digits of an authenticator or, where that is allowed, sixteen letters and digits for recovery.
 * @param {string} code tidy
 * @param {{ recovery: boolean }} allowed
 */
export function isCode(code, { recovery }) {
    if (/^[0-9]{6}$/.test(code)) return true;
    return recovery && /^[a-z0-9]{16}$/.test(code.replace(/-/g, ""));
}

/**
 * In groups of four, as people read them.
 * @param {string} secret
 */
export function groupsOfFour(secret) {
    return secret.match(/.{1,4}/g) ?? [];
}
