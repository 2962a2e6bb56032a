// @ts-check
import { h, hidden, icon, newID } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { recurrenceText, whenText } from "./appointment-text.js";

/** @typedef {import("../../lib/wire-directory.js").AppointmentView} AppointmentView */
/** @typedef {Record<"edit" | "cancel" | "download", (appointment: AppointmentView) => void>} AppointmentActions */

/**
 * @param {AppointmentView} appointment
 * @param {AppointmentActions} actions
 */
export function appointmentRow(appointment, actions) {
    const titleID = newID("appointment");
    const action = (/** @type {import("../../lib/dom.js").IconName} */ mark, /** @type {keyof AppointmentActions} */ name, danger = false) =>
        h(
            "button",
            {
                class: ["icon-button", danger && "icon-button-danger"], type: "button", title: tr(`appointments.${name}`), "aria-describedby": titleID,
                onclick: () => actions[name](appointment),
            },
            icon(mark),
            hidden(tr(`appointments.${name}`)),
        );
    const { recurrence, invitees } = appointment;
    return h(
        "li",
        { class: "appointment", dataset: { appointment: appointment.id } },
        h(
            "div",
            { class: "appointment-text" },
            h("h3", { id: titleID }, appointment.title),
            h("p", { class: "appointment-when" }, icon("calendar"), h("span", null, () => whenText(appointment))),
            recurrence ? h("p", { class: "muted small" }, () => recurrenceText(recurrence)) : null,
            invitees.length > 0 ? h("p", { class: "muted small", title: invitees.join(", ") }, () => t("appointments.invited", { count: invitees.length })) : null,
        ),
        h("div", { class: "appointment-tools" }, action("download", "download"), action("edit", "edit"), action("trash", "cancel", true)),
    );
}
