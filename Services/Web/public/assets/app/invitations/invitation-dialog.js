// @ts-check
import { api } from "../../lib/api.js";
import { openDialog } from "../../lib/dialog.js";
import { h, mount } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { invitationPreview } from "./invitation-preview.js";
import { mailForm } from "./mail-form.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/**
 * The invitation as the server puts it, to copy or to send.
 * @param {RoomView} room
 */
export function openInvitation(room) {
    const controller = new AbortController();
    const preview = invitationPreview(room, { primary: true, copying: () => dialog.close() });
    const mail = h("div", { class: "invite-mail" });

    /** Where no mail server is set up, nothing is said of mail. */
    async function offerMail() {
        const features = await api.features().catch(() => null);
        if (features?.mail && !controller.signal.aborted) mount(mail, mailForm(room, preview.wanted));
    }

    const dialog = openDialog({
        title: tr("invite.title", { name: room.name }),
        body: [h("div", { class: "stack" }, ...preview.elements, mail)],
        actions: [h("button", { class: "button", type: "button", onclick: () => dialog.close() }, tr("common.close")), preview.copyButton],
        onclose: () => {
            controller.abort();
            preview.stop();
        },
    });
    void offerMail();
}
