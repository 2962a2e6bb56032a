// @ts-check
import { radioField } from "../../lib/choices.js";
import { h } from "../../lib/dom.js";
import { checkField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { ownProfile } from "../../lib/own-profile.js";
import { section } from "../account/section.js";
import { saveNow } from "./save.js";

/** @typedef {import("../../lib/wire.js").Notification} Notification */

/** @type {readonly Notification[]} */
export const notifications = Object.freeze(["entering", "leaving", "chat"]);

/** @param {import("../../lib/wire.js").ProfileView} profile */
export function presenceSection(profile) {
    const current = () => ownProfile.current ?? profile;
    const inMeetings = radioField({
        label: tr("profile.inMeetings"),
        name: "inMeetings",
        value: profile.presenceInMeetings,
        choices: [
            { value: "busy", label: tr("presence.busy"), hint: tr("profile.busyHint") },
            { value: "do_not_disturb", label: tr("profile.doNotDisturb"), hint: tr("profile.doNotDisturbHint") },
        ],
        onchange(value) {
            const part = { presenceInMeetings: /** @type {import("../../lib/wire.js").PresenceInMeetings} */ (value) };
            void saveNow(part, () => (inMeetings.value = current().presenceInMeetings));
        },
    });
    const shows = checkField({
        label: tr("profile.showsPresence"),
        name: "showsPresence",
        hint: tr("profile.showsPresenceHint"),
        switch: true,
        checked: profile.showsPresence,
        onchange: (checked) => void saveNow({ showsPresence: checked }, () => (shows.input.checked = current().showsPresence)),
    });
    /** @type {{ kind: Notification, field: ReturnType<typeof checkField> }[]} */
    const switches = notifications.map((kind) => ({
        kind,
        field: checkField({
            label: tr(`profile.notify.${kind}`),
            name: kind,
            switch: true,
            checked: profile.notifications.includes(kind),
            onchange: () => void saveNow({ notifications: chosen() }, showNotifications),
        }),
    }));

    /** @returns {Notification[]} */
    function chosen() {
        return switches.filter(({ field }) => field.input.checked).map(({ kind }) => kind);
    }
    function showNotifications() {
        for (const { kind, field } of switches) field.input.checked = current().notifications.includes(kind);
    }

    return section(
        { title: tr("profile.meetings"), text: tr("profile.meetingsText") },
        inMeetings.element,
        shows.element,
        h(
            "fieldset",
            { class: "field" },
            h("div", { class: "field-label" }, h("legend", null, tr("profile.notify"))),
            ...switches.map(({ field }) => field.element),
        ),
    );
}
