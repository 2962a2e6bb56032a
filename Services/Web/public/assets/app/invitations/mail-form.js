// @ts-check
import { api } from "../../lib/api.js";
import { h, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { BusyForm } from "../account/busy-form.js";
import { addressesField } from "./addresses-field.js";

/**
 * Sends the invitation by mail.
 * @param {import("../../lib/wire-directory.js").RoomView} room
 * @param {() => { language: string, pin: boolean }} wanted as it is chosen in the preview
 */
export function mailForm(room, wanted) {
    const addresses = addressesField({ label: tr("invite.addresses"), hint: tr("invite.addressesHint") });
    const button = h("button", { class: "button", type: "submit" }, icon("send"), tr("invite.send"));
    const busy = new BusyForm(button);

    /** @param {Event} event */
    async function send(event) {
        event.preventDefault();
        if (busy.isBusy || !addresses.finish()) return;
        const invitees = addresses.value;
        if (invitees.length === 0) {
            addresses.setError(tr("field.missing"));
            return addresses.input.focus();
        }
        await busy.send(async () => {
            const { language, pin } = wanted();
            await api.rooms.invite(room.id, { invitees, includesPIN: pin, language });
            addresses.value = [];
            addresses.input.focus();
            busy.say("success", tr("invite.sent", { count: invitees.length }));
        });
    }

    return h(
        "form",
        { class: "form-part stack", novalidate: true, onsubmit: send },
        h("h3", null, tr("invite.mail")),
        busy.liveRegion,
        addresses.element,
        h("div", { role: "status" }, busy.message),
        h("p", null, button),
    );
}
