// @ts-check
// Mail addresses as people paste them. Pure.
import { limits } from "../../lib/limits.js";

/** One that mail systems take; whether somebody reads it is not seen here. */
const form = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:".]+(?:\.[^\s@<>()[\]\\,;:".]+)*$/;

/** @param {string} text */
export function isAddress(text) {
    return text.length <= limits.email && form.test(text);
}

/**
 * The addresses of a text, such as `Ann <ann@example.org>, bob@example.org; carl@example.org`; what is none of them is left.
 * @param {string} text
 * @param {readonly string[]} known these are not taken twice
 */
export function splitAddresses(text, known) {
    /** @type {string[]} */
    const added = [];
    /** @type {string[]} */
    const left = [];
    for (const part of text.split(/[,;\n]+/).map((piece) => piece.trim()).filter(Boolean)) {
        const words = /<([^<>]+)>\s*$/.exec(part)?.[1]?.trim().split(/\s+/) ?? part.split(/\s+/);
        if (!words.every(isAddress)) {
            left.push(part);
            continue;
        }
        for (const word of words) if (![...known, ...added].some((other) => other.toLowerCase() === word.toLowerCase())) added.push(word);
    }
    return { added, left };
}
