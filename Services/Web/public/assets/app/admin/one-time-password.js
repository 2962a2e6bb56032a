// @ts-check
// A one-time password, which is shown once.
import { openDialog } from "../../lib/dialog.js";
import { h, hidden, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { dateTimeText } from "../../lib/time.js";
import { t } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";

/**
 * @param {string} userName
 * @param {import("../../lib/wire.js").OneTimePasswordView} made
 * @param {{ isNew: boolean }} options whether the account is new
 */
export function showOneTimePassword(userName, made, { isNew }) {
    const password = h("code", { class: "secret secret-large", tabindex: -1 }, made.password);

    async function copy() {
        if (await copyText(made.password)) return toast(tr("oneTime.copied"), { kind: "success" });
        getSelection()?.selectAllChildren(password);
        return toast(tr("common.copyByHand"), { kind: "warning" });
    }

    // Shown only now: Escape must not take it away.
    const dialog = openDialog({
        title: tr(isNew ? "oneTime.titleNew" : "oneTime.title"),
        class: "dialog-small",
        dismissible: false,
        body: [
            h(
                "div",
                { class: "stack" },
                h("p", null, tr("oneTime.text", { userName })),
                h("div", { class: "one-time" }, hidden(tr("oneTime.label"), ": "), password),
                h("p", { class: "field-hint" }, () => t("oneTime.until", { when: dateTimeText(made.expiresAt) })),
            ),
        ],
        actions: [
            h("button", { class: "button", type: "button", onclick: copy }, icon("copy"), tr("oneTime.copy")),
            h("button", { class: "button button-primary", type: "button", onclick: () => dialog.close() }, tr("common.done")),
        ],
    });
}
