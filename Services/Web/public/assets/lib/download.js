// @ts-check
// Files that the page itself makes.
import { h } from "./dom.js";

/** The browser has read it by then. */
const keepMilliseconds = 60_000;

/**
 * Gives a text, or what the server made, to the person as a file.
 * @param {string} name
 * @param {string | Blob} content
 * @param {string} type
 */
export function saveFile(name, content, type) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = h("a", { href: url, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), keepMilliseconds);
}

/**
 * @param {string} name
 * @param {unknown} content
 */
export function saveJSON(name, content) {
    saveFile(name, `${JSON.stringify(content, null, 2)}\n`, "application/json");
}

/**
 * A name for a file, of what people wrote: nothing in it that a file system takes amiss.
 * @param {...string} parts
 */
export function fileName(...parts) {
    return parts.map((part) => part.normalize("NFC").replace(/[^\p{L}\p{N}._@-]+/gu, "-").replace(/^[.-]+|[.-]+$/g, "")).filter(Boolean).join("-");
}
