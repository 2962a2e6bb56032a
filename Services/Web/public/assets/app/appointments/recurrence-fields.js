// @ts-check
import { radioField, selectField } from "../../lib/choices.js";
import { h, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { isLateInMonth } from "./appointment-rules.js";

/** @typedef {import("./appointment-rules.js").AppointmentEntries} AppointmentEntries */

const rhythms = /** @type {const} */ (["none", "daily", "weekly", "biweekly", "monthly"]);
const endings = /** @type {const} */ (["never", "until", "count"]);

/**
 * Whether it comes again, and until when. Only what matters is shown.
 * @param {AppointmentEntries} entries
 * @param {() => string} date the first day, as it is entered now
 */
export function recurrenceFields(entries, date) {
    const repeats = selectField({
        label: tr("appointment.repeats"),
        name: "repeats",
        value: entries.repeats,
        choices: rhythms.map((value) => ({ value, label: tr(`appointment.repeats.${value}`) })),
        onchange: show,
    });
    const months = h("p", { class: "field-hint", role: "status" });
    repeats.element.append(months);
    const ends = radioField({
        label: tr("appointment.ends"),
        name: "ends",
        value: entries.ends,
        choices: endings.map((value) => ({ value, label: tr(`appointment.ends.${value}`) })),
        onchange: show,
    });
    const until = textField({ label: tr("appointment.until"), name: "until", type: "date", value: entries.until });
    const count = textField({
        label: tr("appointment.count"), name: "count", type: "number", value: entries.count,
        attributes: { min: 2, max: limits.occurrences, inputmode: "numeric" },
    });
    const more = h("div", { class: "stack recurrence" }, ends.element, until.element, count.element);

    function show() {
        more.hidden = repeats.value === "none";
        until.element.hidden = ends.value !== "until";
        count.element.hidden = ends.value !== "count";
        setText(months, repeats.value === "monthly" && isLateInMonth(date()) ? tr("appointment.shortMonths") : "");
    }

    show();
    return {
        elements: [repeats.element, more],
        /** The day, or what is chosen, has changed. */
        update: show,
        repeats: /** @type {{ element: HTMLElement, input: HTMLElement, value: AppointmentEntries["repeats"] }} */ (/** @type {unknown} */ (repeats)),
        ends: /** @type {{ element: HTMLElement, value: AppointmentEntries["ends"] }} */ (ends),
        until,
        count,
    };
}
