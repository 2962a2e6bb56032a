// @ts-check
import { openDialog } from "../lib/dialog.js";
import { h, icon } from "../lib/dom.js";
import { checkField, textField } from "../lib/fields.js";
import { t, tr } from "../lib/i18n.js";
import { roomLink } from "../lib/links.js";
import { copyText } from "../lib/page.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("../lib/wire.js").RoomView} RoomView */

/**
 * The text of an invitation in the language of the page, ready for mail or chat.
 * @param {Pick<RoomView, "name" | "description" | "pin">} room
 * @param {string} link
 * @param {boolean} withPIN
 */
export function invitationText(room, link, withPIN) {
    const description = room.description.trim();
    const parts = [t("invite.head", { name: room.name })];
    if (description) parts.push(description);
    parts.push(`${t("invite.join")}\n${link}`);
    if (withPIN && room.pin) parts.push(t("invite.pinLine", { pin: room.pin }));
    return parts.join("\n\n");
}

/**
 * Copies, or shows the text when the browser does not let us.
 * @param {string} text
 * @param {() => string} done
 */
export async function copyOrShow(text, done) {
    if (await copyText(text)) return toast(done, { kind: "success" });
    const field = textField({ label: tr("invite.text"), name: "copy", value: text, multiline: true, attributes: { readonly: true, autofocus: true } });
    field.input.addEventListener("focus", () => field.input.select());
    openDialog({ title: tr("room.copyLink"), class: "dialog-small", body: [h("div", { class: "stack" }, h("p", null, tr("common.copyByHand")), field.element)] });
    return undefined;
}

/** @param {RoomView} room */
export function openInvitation(room) {
    const withPIN = checkField({ label: tr("invite.withPin"), name: "withPin", checked: Boolean(room.pin), onchange: update });
    const preview = textField({ label: tr("invite.text"), name: "preview", multiline: true, attributes: { readonly: true, rows: 11 } });

    function update() {
        preview.value = invitationText(room, roomLink(room.alias), withPIN.input.checked);
    }
    async function copy() {
        const text = preview.value;
        dialog.close();
        await copyOrShow(text, tr("invite.copied"));
    }

    update();
    const dialog = openDialog({
        title: tr("invite.title", { name: room.name }),
        body: [h("div", { class: "stack" }, preview.element, room.pin ? withPIN.element : null)],
        actions: [
            h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.cancel")),
            h("button", { class: "button button-primary", type: "button", autofocus: true, onclick: copy }, icon("copy"), tr("invite.copy")),
        ],
    });
}
