// @ts-check
// Appearance: dark, bright, or standard (home bright, meetings dark). The colours themselves are in styles/tokens.css.
import { preferences } from "./preferences.js";

/** @typedef {import("./preferences.js").Appearance} Appearance */

/** @type {readonly Appearance[]} */
export const appearances = Object.freeze(["standard", "bright", "dark"]);

export function applyAppearance() {
    const root = document.documentElement;
    root.dataset["appearance"] = preferences.appearance;
    const dark = preferences.appearance === "dark" || (preferences.appearance === "standard" && root.dataset["surface"] === "meeting");
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#10161a" : "#f5f4f0");
    // Whatever changed it, the switches show it.
    for (const select of document.querySelectorAll("select[data-switch=appearance]")) {
        /** @type {HTMLSelectElement} */ (select).value = preferences.appearance;
    }
}

/** @param {Appearance} appearance */
export function setAppearance(appearance) {
    preferences.appearance = appearance;
    applyAppearance();
}

/**
 * Which of the two halves this page belongs to.
 * @param {"home" | "meeting"} surface
 */
export function setSurface(surface) {
    document.documentElement.dataset["surface"] = surface;
    applyAppearance();
}
