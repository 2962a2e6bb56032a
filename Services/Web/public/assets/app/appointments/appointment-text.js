// @ts-check
// Appointments in words.
import { language, t } from "../../lib/i18n.js";
import { spanText } from "../../lib/occurrence.js";
import { instantOf, isZone } from "../../lib/zones.js";

/** @typedef {import("../../lib/wire-directory.js").AppointmentView} AppointmentView */
/** @typedef {import("../../lib/wire-directory.js").Recurrence} Recurrence */

/**
 * "Every week, until 3 May 2026"
 * @param {Recurrence | undefined} recurrence
 */
export function recurrenceText(recurrence) {
    if (!recurrence) return t("appointment.repeats.none");
    const { frequency, until, count } = recurrence;
    const rhythm = t(`appointment.repeats.${frequency}`);
    if (until) return t("appointment.rhythmUntil", { rhythm, date: dayText(until) });
    return count ? t("appointment.rhythmCount", { rhythm, count }) : rhythm;
}

/**
 * A day, wherever the reader is.
 * @param {string} date `yyyy-MM-dd`
 */
export function dayText(date) {
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(`${date}T00:00Z`));
}

/**
 * When it is next, or when it was.
 * @param {AppointmentView} appointment
 */
export function whenText({ next, start, end, timeZone }) {
    if (next) return spanText(next);
    // What clocks show there, and where that is: nobody knows here when it is.
    if (!isZone(timeZone)) return `${spanText({ start: `${start}Z`, end: `${end}Z`, timeZone }, { zone: "UTC" })} (${timeZone})`;
    const instant = (/** @type {string} */ text) => new Date(instantOf(text.slice(0, 10), text.slice(11, 16), timeZone)).toISOString();
    return spanText({ start: instant(start), end: instant(end), timeZone });
}
