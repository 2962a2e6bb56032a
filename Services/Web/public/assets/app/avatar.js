// @ts-check
import { h } from "../lib/dom.js";

/**
 * The first letters of the first and the last word of a name.
 * @param {string} name
 */
export function initials(name) {
    const words = name.trim().split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
    const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
    return chosen.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

/** @param {string} name */
export function avatar(name) {
    return h("span", { class: "avatar", "aria-hidden": true }, initials(name) || "?");
}
