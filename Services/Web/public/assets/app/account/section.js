// @ts-check
import { h, newID } from "../../lib/dom.js";

/** @typedef {import("../../lib/dom.js").Child} Child */

/**
 * A part of a page of settings: what it is about, and beside or below it what can be set.
 * @param {{ title: () => string, text?: () => string, class?: string }} options
 * @param {...Child} children
 */
export function section({ title, text, class: className }, ...children) {
    const id = newID("section");
    return h(
        "section",
        { class: ["card settings-section", className], "aria-labelledby": id },
        h("div", { class: "settings-about" }, h("h2", { id }, title), text && h("p", { class: "muted small" }, text)),
        h("div", { class: "settings-content stack" }, ...children),
    );
}
