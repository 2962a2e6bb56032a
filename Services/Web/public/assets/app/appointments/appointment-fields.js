// @ts-check
// The fields of the form for an appointment, by the names of their entries.
import { selectField } from "../../lib/choices.js";
import { h, hidden, setText } from "../../lib/dom.js";
import { checkField, notice, textField } from "../../lib/fields.js";
import { languages, t, tr } from "../../lib/i18n.js";
import { addressesField } from "../invitations/addresses-field.js";
import { endsNextDay } from "./appointment-rules.js";
import { dayText } from "./appointment-text.js";
import { recurrenceFields } from "./recurrence-fields.js";
import { zoneField } from "./zone-field.js";

/** @typedef {import("./appointment-rules.js").AppointmentEntries} AppointmentEntries */
/** @typedef {import("./appointment-rules.js").AppointmentProblem} AppointmentProblem */

/**
 * @param {AppointmentEntries} entries
 * @param {string} roomName
 */
export function appointmentFields(entries, roomName) {
    const title = textField({ label: tr("appointment.title"), name: "title", value: entries.title, attributes: { autocomplete: "off", placeholder: roomName } });
    const date = textField({ label: tr("appointment.date"), name: "date", type: "date", value: entries.date, required: true, attributes: { onchange: () => series.update() } });
    const from = textField({ label: tr("appointment.from"), name: "from", type: "time", value: entries.from, required: true, attributes: { onchange: update } });
    const to = textField({ label: tr("appointment.to"), name: "to", type: "time", value: entries.to, required: true, attributes: { onchange: update } });
    // Whoever sets the tick, or takes it away, hears the box itself; what was said of it before holds no more.
    const nextDay = tickField(checkField({ label: tr("appointment.nextDay"), name: "nextDay", checked: entries.nextDay, onchange: () => setText(overnight, "") }));
    // That the tick was set or taken away by the times is seen; it must be heard, too.
    const overnight = hidden();
    overnight.setAttribute("role", "status");
    const series = recurrenceFields(entries, () => date.value);
    const language = selectField({
        label: tr("appointment.language"), name: "language", value: entries.language, choices: languages.map(({ code, name }) => ({ value: code, label: name })),
    });

    function update() {
        const before = nextDay.value;
        nextDay.value = endsNextDay({ from: from.value, to: to.value, nextDay: before });
        if (nextDay.value !== before) setText(overnight, tr(nextDay.value ? "appointment.overnight" : "appointment.sameDay"));
    }
    return {
        title,
        date,
        from,
        to,
        nextDay,
        timeZone: zoneField(entries.timeZone),
        repeats: series.repeats,
        ends: series.ends,
        until: series.until,
        count: series.count,
        invitees: addressesField({ label: tr("appointment.invitees"), hint: tr("appointment.inviteesHint"), optional: tr("common.optional"), value: entries.invitees }),
        includesPIN: tickField(checkField({ label: tr("appointment.includesPIN"), name: "includesPIN", checked: entries.includesPIN })),
        language,
        overnight,
        series,
    };
}

/**
 * A tick-box that is read and set as the other fields are.
 * @param {ReturnType<typeof checkField>} field
 */
function tickField({ element, input }) {
    return {
        element,
        get value() {
            return input.checked;
        },
        set value(on) {
            input.checked = on;
        },
    };
}

/** @typedef {ReturnType<typeof appointmentFields>} AppointmentFields */

/**
 * @param {AppointmentFields} fields
 * @param {{ hasPIN: boolean, hasMail: boolean }} room
 */
export function fieldParts(fields, { hasPIN, hasMail }) {
    const { title, date, from, to, nextDay, timeZone, invitees, language, includesPIN, overnight, series } = fields;
    return [
        title.element,
        h("div", { class: "appointment-times" }, date.element, from.element, to.element, nextDay.element, overnight),
        timeZone.element,
        ...series.elements,
        hasMail || invitees.value.length > 0 ? invitees.element : null,
        !hasMail && notice("info", h("p", null, tr("appointment.noMail"))),
        h("div", { class: "field-row" }, language.element, hasPIN && includesPIN.element),
    ];
}

/**
 * @param {AppointmentFields} fields
 * @returns {AppointmentEntries}
 */
export function readFields(fields) {
    const { title, date, from, to, nextDay, timeZone, repeats, ends, until, count, invitees, includesPIN, language } = fields;
    return {
        title: title.value.trim(), date: date.value, from: from.value.slice(0, 5), to: to.value.slice(0, 5), nextDay: nextDay.value, timeZone: timeZone.value, repeats: repeats.value, ends: ends.value,
        until: until.value, count: count.value.trim(), invitees: invitees.value, includesPIN: includesPIN.value, language: language.value,
    };
}

/**
 * @param {AppointmentFields} fields
 * @param {keyof AppointmentEntries} key
 * @param {any} value
 */
export function writeField(fields, key, value) {
    /** @type {{ value: unknown }} */ (fields[key]).value = value;
    fields.series.update();
}

/**
 * An entry in words, for people who compare two.
 * @param {keyof AppointmentEntries} key
 * @param {any} value
 * @returns {string}
 */
export function entryText(key, value) {
    if (key === "invitees") return value.join(", ") || t("conflict.nothing");
    if (key === "repeats") return t(`appointment.repeats.${value}`);
    if (key === "ends") return t(`appointment.ends.${value}`);
    if (key === "date" || key === "until") return value ? dayText(value) : t("conflict.nothing");
    if (key === "language") return languages.find(({ code }) => code === value)?.name ?? value;
    if (typeof value === "boolean") return t(value ? "conflict.on" : "conflict.off");
    return value || t("conflict.nothing");
}

/**
 * Shows each problem beside its field, and none where there is none; the first one gets the focus.
 * @param {AppointmentFields} fields
 * @param {AppointmentProblem[]} problems
 * @returns {boolean} whether there was one
 */
export function showProblems(fields, problems) {
    let first = null;
    for (const key of /** @type {const} */ (["title", "date", "from", "to", "timeZone", "until", "count", "invitees"])) {
        const problem = problems.find(({ field }) => field === key);
        fields[key].setError(problem ? tr(problem.key, problem.parameters) : null);
        if (problem) first ??= fields[key].input;
    }
    first?.focus();
    return first !== null;
}
