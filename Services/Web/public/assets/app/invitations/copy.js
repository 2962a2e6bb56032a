// @ts-check
import { openDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { toast } from "../../lib/toast.js";

/**
 * Copies, or shows the text when the browser does not let us.
 * @param {string} text
 * @param {{ done: () => string, title: () => string, label: () => string }} words `title` and `label`: of the dialog and the field with the text
 */
export async function copyOrShow(text, { done, title, label }) {
    if (await copyText(text)) return toast(done, { kind: "success" });
    const field = textField({ label, name: "copy", value: text, multiline: true, attributes: { readonly: true, autofocus: true } });
    field.input.addEventListener("focus", () => field.input.select());
    openDialog({ title, class: "dialog-small", body: [h("div", { class: "stack" }, h("p", null, tr("common.copyByHand")), field.element)] });
    return undefined;
}
