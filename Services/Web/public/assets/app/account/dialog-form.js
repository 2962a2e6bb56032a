// @ts-check
// A form in a dialog: sent by its button, closed when that worked.
import { openDialog } from "../../lib/dialog.js";
import { h, newID } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { BusyForm } from "./busy-form.js";

/** @typedef {import("../../lib/dom.js").Child} Child */

/**
 * @param {object} options
 * @param {() => string} options.title
 * @param {Child[]} options.body
 * @param {() => string} options.submit
 * @param {boolean} [options.danger]
 * @param {string} [options.class]
 * @param {() => boolean} [options.check] marks what is wrong; `true` when nothing is
 * @param {() => Promise<void>} options.send
 * @param {(error: unknown, busy: BusyForm) => boolean | void} [options.otherwise] `true` when it has shown the error itself
 */
export function openDialogForm({ title, body, submit, danger = false, class: className, check = () => true, send, otherwise }) {
    const id = newID("form");
    const button = h("button", { class: ["button", danger ? "button-danger" : "button-primary"], type: "submit", form: id }, submit);
    const busy = new BusyForm(button);
    const form = h(
        "form",
        {
            id,
            class: "stack",
            novalidate: true,
            onsubmit: async (/** @type {Event} */ event) => {
                event.preventDefault();
                if (busy.isBusy || !check()) return;
                let isDone = false;
                await busy.send(
                    async () => {
                        await send();
                        isDone = true;
                    },
                    (error) => otherwise?.(error, busy),
                );
                if (isDone) dialog.close("done");
            },
        },
        busy.message,
        busy.liveRegion,
        ...body,
    );
    const dialog = openDialog({
        title,
        class: className,
        body: [form],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.cancel")), button],
        onclose: () => busy.stop(),
    });
    return { ...dialog, busy, button };
}
