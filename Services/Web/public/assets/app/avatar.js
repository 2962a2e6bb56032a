// @ts-check
import { picturePath } from "../lib/account-api.js";
import { h } from "../lib/dom.js";

/** @typedef {{ account?: string, avatarColor?: string, picture?: string }} Look */

/**
 * The first letters of the first and the last word of a name.
 * @param {string} name
 */
export function initials(name) {
    const words = name.trim().split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
    const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
    return chosen.map((word) => [...(word ?? "")][0] ?? "").join("").toLocaleUpperCase();
}

/**
 * A picture where there is one, else the first letters of the name.
 * @param {string} name
 * @param {Look} [look]
 */
export function avatar(name, look = {}) {
    const { account, avatarColor, picture } = look;
    const letters = initials(name) || "?";
    const frame = h("span", { class: "avatar", "aria-hidden": true, dataset: { avatarColor: avatarColor ?? null } });
    if (!account || !picture) frame.append(letters);
    else frame.append(h("img", { src: picturePath(account, picture), alt: "", width: 64, height: 64, onerror: () => frame.replaceChildren(letters) }));
    return frame;
}
