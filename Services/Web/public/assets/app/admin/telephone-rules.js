// @ts-check
// What is said of tokens and webhooks. Pure.
import { characters, limits } from "../../lib/limits.js";

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
