// @ts-check

/**
 * @typedef {import("./control-bar.js").Control} Control
 */

/** @type {Readonly<Record<string, Control>>} */
const controls = Object.freeze({ m: "microphone", v: "camera", h: "hand", c: "chat", p: "people" });

/**
 * Single keys for what is needed most, while nobody writes.
 *
 * @param {(control: Control) => void} pressed
 * @param {AbortSignal} signal
 */
export function listenForShortcuts(pressed, signal) {
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
        if (isBusy(event.target)) return;
        const control = controls[event.key.toLowerCase()];
        if (!control) return;
        event.preventDefault();
        pressed(control);
    }, { signal });
}

/** @param {EventTarget | null} target */
function isBusy(target) {
    if (document.querySelector("dialog[open]")) return true;
    return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
