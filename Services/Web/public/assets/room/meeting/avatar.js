// @ts-check
import { h } from "../../lib/dom.js";

const colors = ["blue", "teal", "green", "orange", "red", "pink", "purple", "yellow", "gray"];

/**
 * The beginning of the first and the last word; of a single word its first letter.
 *
 * @param {string} name
 * @returns {string}
 */
export function initials(name) {
    const words = name.trim().split(/[\s_-]+/u).filter(Boolean);
    const letters = [words[0], words.length > 1 ? words[words.length - 1] : ""];
    return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

/**
 * A colour that stays with a name.
 *
 * @param {string} name
 * @returns {string} A value for CSS.
 */
export function colorOf(name) {
    let sum = 7;
    for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
    return `var(--room-${colors[sum % colors.length]})`;
}

/**
 * Stands for somebody whose picture is not there.
 *
 * @param {string} name
 * @returns {HTMLElement}
 */
export function avatar(name) {
    return h("span", { class: "avatar person-avatar", "aria-hidden": "true", style: { "--person-color": colorOf(name) } }, initials(name) || "·");
}
