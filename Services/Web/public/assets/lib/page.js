// @ts-check
// What every page does first, and small things that pages share.
import { applyAppearance, setSurface } from "./appearance.js";
import { applyLanguage, onLanguageChange } from "./i18n.js";
import { prepareToasts } from "./toast.js";

/**
 * @param {"home" | "meeting"} surface
 */
export function startPage(surface) {
    applyLanguage();
    setSurface(surface);
    prepareToasts();
    onLanguageChange(applyTitle);
    // Another tab changed the appearance.
    window.addEventListener("storage", (event) => {
        if (event.key === "parley.appearance") applyAppearance();
    });
}

/** @type {() => string} */
let title = () => "";

/**
 * The name of what is shown, before the name of the product.
 * @param {() => string} text
 */
export function setTitle(text) {
    title = text;
    applyTitle();
}

function applyTitle() {
    const text = title();
    document.title = text ? `${text} · Parley` : "Parley";
}

/**
 * Copies a text. `false` when the browser does not let us: then show it, so that the person can.
 * @param {string} text
 */
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false;
    }
}

/**
 * Runs `work` now, and again `interval` milliseconds after it is done, as long as the page can be seen. Failures are the work's own business.
 * @param {() => Promise<void>} work
 * @param {number} interval
 * @param {AbortSignal} signal
 */
export function pollWhileVisible(work, interval, signal) {
    let timer = 0;
    let running = false;
    const tick = async () => {
        clearTimeout(timer);
        if (running || document.hidden || signal.aborted) return;
        running = true;
        try {
            await work();
        } finally {
            running = false;
            if (!signal.aborted) timer = window.setTimeout(tick, interval);
        }
    };
    document.addEventListener("visibilitychange", tick, { signal });
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    void tick();
}
