// @ts-check
// A secret that is shown only when it is made.
import { openDialog } from "../../lib/dialog.js";
import { h, hidden, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { toast } from "../../lib/toast.js";

/** @typedef {() => string} Text */

/**
 * @param {object} options
 * @param {Text} options.title
 * @param {Text} options.text what to do with it
 * @param {Text} options.label what it is
 * @param {string} options.secret
 * @param {Text} options.hint
 * @param {Text} options.copy on the button
 * @param {Text} options.copied
 * @param {boolean} [options.large] short enough to be typed from the screen
 */
export function showOnce({ title, text, label, secret, hint, copy: copyLabel, copied, large = false }) {
    const shown = h("code", { class: ["secret", large && "secret-large"], tabindex: -1 }, secret);

    async function copy() {
        if (await copyText(secret)) return toast(copied, { kind: "success" });
        getSelection()?.selectAllChildren(shown);
        return toast(tr("common.copyByHand"), { kind: "warning" });
    }

    // Shown only now: Escape must not take it away.
    const dialog = openDialog({
        title,
        class: "dialog-small",
        dismissible: false,
        body: [
            h(
                "div",
                { class: "stack" },
                h("p", null, text),
                h("div", { class: "one-time" }, hidden(label, ": "), shown),
                h("p", { class: "field-hint" }, hint),
            ),
        ],
        actions: [
            h("button", { class: "button", type: "button", onclick: copy }, icon("copy"), copyLabel),
            h("button", { class: "button button-primary", type: "button", onclick: () => dialog.close() }, tr("common.done")),
        ],
    });
}
