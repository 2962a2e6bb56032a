// @ts-check
import { api } from "../../lib/api.js";
import { selectField } from "../../lib/choices.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText, isAbort } from "../../lib/errors.js";
import { checkField, notice, textField } from "../../lib/fields.js";
import { language, languages, t, tr } from "../../lib/i18n.js";
import { copyOrShow } from "./copy.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/**
 * The invitation as the server puts it, in either language, and a button that copies it.
 * @param {RoomView} first
 * @param {{ primary: boolean, copying: () => void }} options `primary`: whether copying is what is done most; `copying`: the text is about to be copied
 */
export function invitationPreview(first, { primary, copying }) {
    let room = first;
    /** Of the preview that is on its way. */
    let asking = new AbortController();
    const withPIN = checkField({ label: tr("invite.withPin"), name: "withPin", checked: true, onchange: update });
    const chosen = selectField({
        label: tr("invite.language"),
        name: "language",
        value: language(),
        choices: languages.map(({ code, name }) => ({ value: code, label: name })),
        onchange: update,
    });
    const preview = textField({ label: tr("invite.text"), name: "preview", multiline: true, attributes: { readonly: true, rows: 9 } });
    const message = h("div", { class: "form-message", role: "status" });
    const copyButton = h("button", { class: ["button", primary && "button-primary"], type: "button", autofocus: primary, onclick: copy }, icon("copy"), tr("invite.copy"));
    const wanted = () => ({ language: chosen.value, pin: Boolean(room.pin) && withPIN.input.checked });

    async function update() {
        asking.abort();
        asking = new AbortController();
        const { signal } = asking;
        copyButton.setAttribute("aria-disabled", "true");
        preview.input.setAttribute("placeholder", t("common.loading"));
        try {
            const { text } = await api.rooms.invitation(room.id, wanted(), signal);
            if (signal.aborted) return;
            preview.value = text;
            preview.input.lang = chosen.value;
            mount(message);
            copyButton.removeAttribute("aria-disabled");
        } catch (error) {
            if (signal.aborted || isAbort(error)) return;
            // It was another invitation: of another room, in another language or with the PIN.
            preview.value = "";
            preview.input.removeAttribute("placeholder");
            const again = h("button", { class: "button notice-button", type: "button", onclick: update }, icon("refresh"), tr("common.tryAgain"));
            mount(message, notice("warning", h("p", null, () => errorText(error)), again));
        }
    }

    async function copy() {
        if (copyButton.hasAttribute("aria-disabled")) return;
        const text = preview.value;
        copying();
        await copyOrShow(text, { done: tr("invite.copied"), title: tr("invite.copy"), label: tr("invite.text") });
    }

    /** @param {RoomView} next */
    function show(next) {
        if (next !== room) preview.value = "";
        room = next;
        withPIN.element.hidden = !room.pin;
        void update();
    }

    show(first);
    return {
        elements: [message, h("div", { class: "field-row" }, chosen.element, withPIN.element), preview.element],
        copyButton,
        /** Of another room. */
        show,
        wanted,
        stop: () => asking.abort(),
    };
}
