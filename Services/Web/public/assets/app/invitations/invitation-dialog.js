// @ts-check
import { api } from "../../lib/api.js";
import { selectField } from "../../lib/choices.js";
import { openDialog } from "../../lib/dialog.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText, isAbort } from "../../lib/errors.js";
import { checkField, notice, textField } from "../../lib/fields.js";
import { language, languages, t, tr } from "../../lib/i18n.js";
import { copyOrShow } from "./copy.js";
import { mailForm } from "./mail-form.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/**
 * The invitation as the server puts it, in either language, to copy or to send.
 * @param {RoomView} room
 */
export function openInvitation(room) {
    const controller = new AbortController();
    /** Of the preview that is on its way. */
    let asking = new AbortController();
    const withPIN = checkField({ label: tr("invite.withPin"), name: "withPin", checked: Boolean(room.pin), onchange: update });
    const chosen = selectField({
        label: tr("invite.language"),
        name: "language",
        value: language(),
        choices: languages.map(({ code, name }) => ({ value: code, label: name })),
        onchange: update,
    });
    const preview = textField({ label: tr("invite.text"), name: "preview", multiline: true, attributes: { readonly: true, rows: 9 } });
    const message = h("div", { class: "form-message", role: "status" });
    const mail = h("div", { class: "invite-mail" });
    const copyButton = h("button", { class: "button button-primary", type: "button", autofocus: true, onclick: copy }, icon("copy"), tr("invite.copy"));
    const wanted = () => ({ language: chosen.value, pin: Boolean(room.pin) && withPIN.input.checked });

    async function update() {
        asking.abort();
        asking = new AbortController();
        const { signal } = asking;
        copyButton.setAttribute("aria-disabled", "true");
        try {
            const { text } = await api.rooms.invitation(room.id, wanted(), signal);
            if (signal.aborted) return;
            preview.value = text;
            preview.input.lang = chosen.value;
            mount(message);
            copyButton.removeAttribute("aria-disabled");
        } catch (error) {
            if (signal.aborted || isAbort(error)) return;
            const again = h("button", { class: "button notice-button", type: "button", onclick: update }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => errorText(error)), again));
        }
    }

    async function copy() {
        if (copyButton.hasAttribute("aria-disabled")) return;
        const text = preview.value;
        dialog.close();
        await copyOrShow(text, { done: tr("invite.copied"), title: tr("invite.copy"), label: tr("invite.text") });
    }

    /** Where no mail server is set up, nothing is said of mail. */
    async function offerMail() {
        const features = await api.features().catch(() => null);
        if (features?.mail && !controller.signal.aborted) mount(mail, mailForm(room, wanted));
    }

    const dialog = openDialog({
        title: tr("invite.title", { name: room.name }),
        body: [
            h("div", { class: "stack" }, message, h("div", { class: "field-row" }, chosen.element, room.pin ? withPIN.element : null), preview.element, mail),
        ],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close")), copyButton],
        onclose: () => {
            controller.abort();
            asking.abort();
        },
    });
    preview.input.setAttribute("placeholder", t("common.loading"));
    void update();
    void offerMail();
}
