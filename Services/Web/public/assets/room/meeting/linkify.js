// @ts-check

const address = /\bhttps?:\/\/[^\s<>"']+/gi;
/** What ends a sentence rather than an address. */
const trailing = /[.,;:!?)\]}]+$/;

/**
 * The parts of a text: plain text, and addresses of the web that may become links.
 *
 * @param {string} text
 * @returns {{ text: string, href: string | null }[]}
 */
export function linkify(text) {
    const parts = [];
    let end = 0;
    for (const { 0: whole = "", index = 0 } of text.matchAll(address)) {
        const found = trim(whole);
        const href = webAddress(found);
        if (!href) continue;
        if (index > end) parts.push({ text: text.slice(end, index), href: null });
        parts.push({ text: found, href });
        end = index + found.length;
    }
    if (end < text.length) parts.push({ text: text.slice(end), href: null });
    return parts;
}

/** @param {string} found */
function trim(found) {
    const short = found.replace(trailing, "");
    // A bracket that was opened within the address belongs to it.
    const closes = found[short.length] === ")" && short.includes("(") && !short.includes(")");
    return closes ? `${short})` : short;
}

/**
 * @param {string} text
 * @returns {string | null}
 */
function webAddress(text) {
    try {
        const url = new URL(text);
        return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
        return null;
    }
}
