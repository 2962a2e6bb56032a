// @ts-check
// An appointment as it stands in its form, and what it must look like before the server is asked. Pure.
import { characters, limits } from "../../lib/limits.js";
import { dayAfter, instantOf, isZone, wallTime } from "../../lib/zones.js";

/** @typedef {import("../../lib/wire-directory.js").AppointmentView} AppointmentView */
/** @typedef {import("../../lib/wire-directory.js").AppointmentDraft} AppointmentDraft */
/** @typedef {import("../../lib/wire-directory.js").Frequency} Frequency */
/** @typedef {import("../../lib/wire-directory.js").Recurrence} Recurrence */
/**
 * @typedef {object} AppointmentEntries
 * @property {string} title
 * @property {string} date `yyyy-MM-dd`
 * @property {string} from `HH:mm`
 * @property {string} to `HH:mm`
 * @property {boolean} nextDay whether `to` is on the day after `date`
 * @property {string} timeZone
 * @property {Frequency | "none"} repeats
 * @property {"never" | "until" | "count"} ends
 * @property {string} until
 * @property {string} count
 * @property {string[]} invitees
 * @property {boolean} includesPIN
 * @property {string} language
 */
/** @typedef {{ field: keyof AppointmentEntries, key: string, parameters?: Record<string, number> }} AppointmentProblem `key`: of a text */

const hour = 3_600_000;
/** @type {AppointmentProblem} */
const tooLong = { field: "to", key: "appointment.tooLong", parameters: { hours: limits.appointmentHours } };
const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const timePattern = /^\d{2}:\d{2}$/;

/**
 * For a new one the next full hour is offered.
 * @param {AppointmentView | null} appointment
 * @param {{ now: number, zone: string, language: string, title: string, hasPIN: boolean }} usual
 * @returns {AppointmentEntries}
 */
export function entriesOf(appointment, usual) {
    if (!appointment) {
        const start = Math.ceil((usual.now + 1) / hour) * hour;
        const [from, to] = [wallTime(start, usual.zone), wallTime(start + hour, usual.zone)];
        const times = { date: from.date, from: from.time, to: to.time, nextDay: to.date !== from.date, timeZone: usual.zone };
        return { title: usual.title, ...times, ...endings(undefined, from.date), invitees: [], includesPIN: usual.hasPIN, language: usual.language };
    }
    const { title, start, end, timeZone, recurrence, invitees, includesPIN, language } = appointment;
    const times = { date: start.slice(0, 10), from: start.slice(11, 16), to: end.slice(11, 16), nextDay: end.slice(0, 10) !== start.slice(0, 10), timeZone };
    return { title, ...times, ...endings(recurrence, times.date), invitees: [...invitees], includesPIN, language };
}

/**
 * @param {Recurrence | undefined} recurrence
 * @param {string} date
 */
function endings(recurrence, date) {
    /** @type {AppointmentEntries["ends"]} */
    const ends = recurrence?.until ? "until" : recurrence?.count ? "count" : "never";
    return {
        repeats: recurrence?.frequency ?? /** @type {const} */ ("none"),
        ends,
        until: recurrence?.until ?? dayAfter(date, 28),
        count: String(recurrence?.count ?? 4),
    };
}

/**
 * @param {AppointmentEntries} entries
 * @returns {AppointmentDraft}
 */
export function draftOf(entries) {
    const { date, from, to, nextDay, timeZone, invitees, includesPIN, language } = entries;
    return {
        title: entries.title.trim() || undefined,
        start: `${date}T${from}`,
        end: `${nextDay ? dayAfter(date, 1) : date}T${to}`,
        timeZone,
        recurrence: recurrenceOf(entries),
        invitees,
        includesPIN,
        language,
    };
}

/**
 * @param {Pick<AppointmentEntries, "repeats" | "ends" | "until" | "count">} entries
 * @returns {Recurrence | undefined}
 */
export function recurrenceOf({ repeats, ends, until, count }) {
    if (repeats === "none") return undefined;
    if (ends === "until") return { frequency: repeats, until };
    return ends === "count" ? { frequency: repeats, count: Number(count) } : { frequency: repeats };
}

/**
 * Whether an entry means something: how a series ends does not, without a series.
 * @param {keyof AppointmentEntries} key
 * @param {AppointmentEntries} entries
 */
export function matters(key, { repeats, ends }) {
    if (key === "ends") return repeats !== "none";
    return key === "until" || key === "count" ? repeats !== "none" && ends === key : true;
}

/**
 * Whether it goes on over midnight, as far as the times tell it: who enters the same time twice may mean a whole day, or not have finished.
 * @param {Pick<AppointmentEntries, "from" | "to" | "nextDay">} entries
 */
export function endsNextDay({ from, to, nextDay }) {
    if (!timePattern.test(from) || !timePattern.test(to) || to === from) return nextDay;
    return to < from;
}

/**
 * Whether there are months that have no such day.
 * @param {string} date
 */
export function isLateInMonth(date) {
    return Number(date.slice(8, 10)) > 28;
}

/**
 * @param {AppointmentEntries} entries
 * @param {{ now: number, isNew: boolean }} options
 * @returns {AppointmentProblem[]}
 */
export function checkAppointment(entries, { now, isNew }) {
    const { title, date, from, to, timeZone } = entries;
    /** @type {AppointmentProblem[]} */
    const problems = [];
    if (characters(title.trim()) > limits.roomName.max) problems.push({ field: "title", key: "field.tooLongBy", parameters: { count: limits.roomName.max } });
    if (!datePattern.test(date)) problems.push({ field: "date", key: "field.missing" });
    if (!timePattern.test(from)) problems.push({ field: "from", key: "field.missing" });
    if (!timePattern.test(to)) problems.push({ field: "to", key: "field.missing" });
    const zoneIsRight = isZone(timeZone);
    if (!zoneIsRight) problems.push({ field: "timeZone", key: "appointment.noZone" });
    if (problems.every(({ field }) => field === "title")) problems.push(...checkLength(entries));
    // A series may have begun long ago.
    if (isNew && problems.length === 0 && instantOf(date, from, timeZone) < now) problems.push({ field: "date", key: "appointment.past" });
    return [...problems, ...checkEnding(entries)];
}

/**
 * How long it is by a watch: when the clocks are changed, a day has 23 or 25 hours.
 * @param {AppointmentEntries} entries
 * @returns {AppointmentProblem[]}
 */
function checkLength({ date, from, to, nextDay, timeZone }) {
    const length = instantOf(nextDay ? dayAfter(date, 1) : date, to, timeZone) - instantOf(date, from, timeZone);
    if (length <= 0) return [{ field: "to", key: "appointment.noTime" }];
    return length > limits.appointmentHours * hour ? [tooLong] : [];
}

/**
 * @param {AppointmentEntries} entries
 * @returns {AppointmentProblem[]}
 */
function checkEnding({ repeats, ends, until, count, date }) {
    if (repeats === "none") return [];
    if (ends === "until") {
        if (!datePattern.test(until)) return [{ field: "until", key: "field.missing" }];
        return until < date ? [{ field: "until", key: "appointment.untilBefore" }] : [];
    }
    const isRight = /^\d{1,4}$/.test(count.trim()) && Number(count) >= 2 && Number(count) <= limits.occurrences;
    return ends === "count" && !isRight ? [{ field: "count", key: "appointment.countRange", parameters: { least: 2, most: limits.occurrences } }] : [];
}

/**
 * What the server refuses, as a problem of an entry.
 * @param {import("../../lib/wire.js").FieldProblem} refused
 * @param {Pick<AppointmentEntries, "ends">} entries
 * @returns {AppointmentProblem}
 */
export function problemOf({ field, reason }, { ends }) {
    const key = `field.${reason}`;
    if (field === "start" || field === "end") {
        const entry = field === "start" ? "date" : "to";
        // While the clocks are changed, an hour is missing.
        if (reason === "not_allowed") return { field: entry, key: "appointment.noSuchTime" };
        if (field === "end" && reason === "too_long") return tooLong;
        return { field: entry, key: reason === "too_short" ? "appointment.noTime" : key };
    }
    if (field === "recurrence") return { field: ends === "count" ? "count" : "until", key: reason === "too_long" ? "appointment.tooOften" : key, parameters: { most: limits.occurrences } };
    return { field: field === "timeZone" || field === "invitees" || field === "language" ? field : "title", key };
}
