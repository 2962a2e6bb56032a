// @ts-check
// One's own presence as it stands in its form, and what it must look like before the server is asked. Pure.
import { characters, limits } from "../../lib/limits.js";

/** @typedef {import("../../lib/wire.js").ManualPresence} ManualPresence */
/** @typedef {import("../../lib/wire.js").ManualState} ManualState */
/** @typedef {"never" | "minutes" | "hour" | "hours" | "today" | "own" | "kept"} Until */
/**
 * @typedef {object} PresenceEntries
 * @property {ManualState} state
 * @property {string} text
 * @property {Until} until
 * @property {string} date `yyyy-MM-dd`, for `own`
 * @property {string} time `HH:mm`, for `own`
 */
/** @typedef {{ field: "text" | "until", key: string, parameters?: Record<string, number> }} PresenceProblem `key`: of a text */

/** @type {readonly ManualState[]} */
export const manualStates = Object.freeze(["available", "busy", "do_not_disturb", "absent", "invisible"]);

const minute = 60_000;
const day = 24 * 60 * minute;
const mostDays = 366;
/** @type {Partial<Record<Until, number>>} */
const lengths = Object.freeze({ minutes: 30 * minute, hour: 60 * minute, hours: 240 * minute });

/** @type {ManualPresence} */
export const nothingSet = Object.freeze({ state: "available" });

/**
 * @param {ManualPresence} manual
 * @param {number} now milliseconds
 * @returns {PresenceEntries}
 */
export function entriesOf(manual, now) {
    const { state, text = "", until } = manual;
    return { state, text, until: until ? "kept" : "never", ...wallTime(until ? Date.parse(until) : nextHour(now)) };
}

/**
 * What is chosen in the list of ends; "as before" only where there is something before.
 * @param {ManualPresence} manual
 * @returns {Until[]}
 */
export function choicesOfUntil(manual) {
    return [...(manual.until ? /** @type {const} */ (["kept"]) : []), "never", "minutes", "hour", "hours", "today", "own"];
}

/**
 * @param {PresenceEntries} entries
 * @param {ManualPresence} before what was set until now
 * @param {number} now milliseconds
 * @returns {ManualPresence}
 */
export function draftOf(entries, before, now) {
    const { state } = entries;
    const text = entries.text.trim() || undefined;
    // Without words there is nothing of "available" that could end.
    const until = state === "available" && !text ? undefined : endOf(entries, before, now);
    return { state, text, until };
}

/**
 * @param {PresenceEntries} entries
 * @param {ManualPresence} before
 * @param {number} now milliseconds
 * @returns {string | undefined} RFC 3339
 */
function endOf({ until, date, time }, before, now) {
    const length = lengths[until];
    if (length) return stamp(now + length);
    if (until === "kept") return before.until;
    if (until === "today") return stamp(midnightAfter(now));
    const own = until === "own" ? ownTime(date, time) : null;
    return own === null ? undefined : stamp(own);
}

/**
 * @param {PresenceEntries} entries
 * @param {number} now milliseconds
 * @returns {PresenceProblem[]}
 */
export function checkPresence(entries, now) {
    /** @type {PresenceProblem[]} */
    const problems = [];
    const { max } = limits.presenceText;
    if (characters(entries.text.trim()) > max) problems.push({ field: "text", key: "field.tooLongBy", parameters: { count: max } });
    if (entries.until === "own") {
        const end = ownTime(entries.date, entries.time);
        if (end === null) problems.push({ field: "until", key: "ownPresence.timeMissing" });
        else if (end <= now) problems.push({ field: "until", key: "ownPresence.timePast" });
        else if (end > now + mostDays * day) problems.push({ field: "until", key: "ownPresence.timeFar" });
    }
    return problems;
}

/**
 * Of the clocks here.
 * @param {string} date
 * @param {string} time
 * @returns {number | null} milliseconds
 */
function ownTime(date, time) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}/.test(time)) return null;
    const moment = new Date(`${date}T${time.slice(0, 5)}`).getTime();
    return Number.isNaN(moment) ? null : moment;
}

/** @param {number} moment to the second */
function stamp(moment) {
    return new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");
}

/** @param {number} now */
function midnightAfter(now) {
    return new Date(now).setHours(24, 0, 0, 0);
}

/** @param {number} now */
function nextHour(now) {
    return new Date(now).setMinutes(60, 0, 0);
}

/** @param {number} moment */
function wallTime(moment) {
    const at = new Date(moment);
    const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
    return { date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`, time: `${two(at.getHours())}:${two(at.getMinutes())}` };
}
