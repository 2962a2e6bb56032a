// @ts-check
// Short messages that come and go, read out by screen readers.
import { h, hidden, icon } from "./dom.js";
import { tr } from "./i18n.js";

/** @typedef {"info" | "success" | "warning" | "error"} ToastKind */

const icons = Object.freeze({ info: "info", success: "check", warning: "warning", error: "warning" });
/** Long enough to read; errors stay longer. */
const showMilliseconds = Object.freeze({ info: 5000, success: 4000, warning: 8000, error: 10_000 });
const most = 4;

/** @type {HTMLElement | null} */
let region = null;

function toastRegion() {
    region ??= h("div", { class: "toasts", role: "status", "aria-live": "polite", "aria-atomic": false, "aria-relevant": "additions" });
    // Above an open modal dialog only what is in the top layer can be seen and clicked.
    const dialogs = document.querySelectorAll("dialog[open]");
    const home = dialogs[dialogs.length - 1] ?? document.body;
    if (region.parentElement !== home) home.append(region);
    return region;
}

/** Makes the live region before the first message: one that comes together with its text is often not read out. */
export function prepareToasts() {
    toastRegion();
}

/**
 * @param {string | (() => string)} text
 * @param {{ kind?: ToastKind, action?: { label: string | (() => string), run: () => void } }} [options]
 * @returns {() => void} takes the message away
 */
export function toast(text, options = {}) {
    const kind = options.kind ?? "info";
    const { action } = options;
    const element = h(
        "div",
        { class: ["toast", `toast-${kind}`] },
        icon(/** @type {import("./dom.js").IconName} */ (icons[kind])),
        h("p", { class: "toast-text" }, text),
        action && h("button", { class: "button button-quiet", type: "button", onclick: () => (dismiss(), action.run()) }, action.label),
        h("button", { class: "icon-button", type: "button", onclick: () => dismiss() }, icon("close"), hidden(tr("common.dismiss"))),
    );
    const parent = toastRegion();
    parent.append(element);
    while (parent.children.length > most) parent.firstElementChild?.remove();

    let timer = 0;
    const wait = () => {
        timer = window.setTimeout(dismiss, showMilliseconds[kind]);
    };
    // Nobody should lose a message while reading it.
    for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
    for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, wait);
    wait();

    function dismiss() {
        clearTimeout(timer);
        element.remove();
    }
    return dismiss;
}

/**
 * The region goes home before its dialog goes away.
 * @param {HTMLDialogElement} dialog
 */
export function releaseToasts(dialog) {
    if (region && dialog.contains(region)) document.body.append(region);
}
