// @ts-check
// Modal dialogs on the native element, which keeps focus inside and gives it back.
import { append, h, hidden, icon, newID } from "./dom.js";
import { tr } from "./i18n.js";
import { releaseToasts } from "./toast.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {string | (() => string)} Label */

/**
 * Shows a modal dialog. It is removed when it closes, by Escape, its close button or `close`.
 * @param {{ title: Label, body: Child[], actions?: Child[], class?: string, dismissible?: boolean, onclose?: (result: string) => void }} options
 */
export function openDialog({ title, body, actions = [], class: className, dismissible = true, onclose }) {
    const titleID = newID("dialog");
    const before = document.activeElement;
    // No header or footer in it: outside of sections these are the ones of the whole page.
    const dialog = h(
        "dialog",
        { class: ["dialog", className], "aria-labelledby": titleID },
        h(
            "div",
            { class: "dialog-header" },
            h("h2", { id: titleID, class: "dialog-title", tabindex: -1 }, title),
            dismissible &&
                h("button", { class: "icon-button", type: "button", onclick: () => dialog.close() }, icon("close"), hidden(tr("common.close"))),
        ),
        h("div", { class: "dialog-body" }, ...body),
    );
    if (actions.length > 0) append(dialog, h("div", { class: "dialog-actions" }, ...actions));
    dialog.addEventListener("cancel", (event) => {
        if (!dismissible && event.target === dialog) event.preventDefault();
    });
    dialog.addEventListener("close", () => {
        releaseToasts(dialog);
        const result = dialog.returnValue;
        dialog.remove();
        if (before instanceof HTMLElement && before.isConnected) before.focus();
        onclose?.(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-title");
    if (first instanceof HTMLElement) first.focus();
    return { element: dialog, close: (result = "") => dialog.close(result) };
}

/**
 * Asks yes or no. Escape is no. The cautious answer has the focus when the other one is dangerous.
 * @param {{ title: Label, text: Label, confirm: Label, cancel?: Label, danger?: boolean }} options
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, text, confirm, cancel = tr("common.cancel"), danger = false }) {
    return new Promise((resolve) => {
        const dialog = openDialog({
            title,
            class: "dialog-small",
            body: [h("p", null, text)],
            actions: [
                h("button", { class: "button", type: "button", autofocus: danger, onclick: () => dialog.close() }, cancel),
                h(
                    "button",
                    {
                        class: ["button", danger ? "button-danger" : "button-primary"],
                        type: "button",
                        autofocus: !danger,
                        onclick: () => dialog.close("yes"),
                    },
                    confirm,
                ),
            ],
            onclose: (result) => resolve(result === "yes"),
        });
    });
}
