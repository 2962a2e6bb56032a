// @ts-check
// When people meet, in words: in the clocks of the person who reads it.
import { language, t } from "./i18n.js";
import { dayAfter, isZone, ownZone, sameClock, wallTime, zoneCity } from "./zones.js";

/** @typedef {import("./wire-directory.js").Occurrence} Occurrence */

/**
 * "Tuesday 10:00", and what the clocks show where the appointment was made, if that is another time.
 * @param {Pick<Occurrence, "start" | "timeZone">} occurrence
 * @param {{ now?: number, zone?: string }} here
 */
export function startText(occurrence, { now = Date.now(), zone = ownZone() } = {}) {
    return withPlace(momentText(Date.parse(occurrence.start), zone, now), occurrence, zone);
}

/**
 * "Tuesday 10:00 – 11:00"; with the last day, where that is another one.
 * @param {Occurrence} occurrence
 * @param {{ now?: number, zone?: string }} here
 */
export function spanText(occurrence, { now = Date.now(), zone = ownZone() } = {}) {
    const [start, end] = [Date.parse(occurrence.start), Date.parse(occurrence.end)];
    const sameDay = wallTime(start, zone).date === wallTime(end, zone).date;
    const last = sameDay ? clock(end, zone) : `${weekday(end, zone)} ${clock(end, zone)}`;
    return withPlace(t("when.span", { start: momentText(start, zone, now), end: last }), occurrence, zone);
}

/**
 * @param {string} own
 * @param {Pick<Occurrence, "start" | "timeZone">} occurrence
 * @param {string} zone
 */
function withPlace(own, { start: begin, timeZone }, zone) {
    const start = Date.parse(begin);
    if (!isZone(timeZone) || sameClock(start, zone, timeZone)) return own;
    const sameDay = wallTime(start, zone).date === wallTime(start, timeZone).date;
    const there = sameDay ? clock(start, timeZone) : `${weekday(start, timeZone)} ${clock(start, timeZone)}`;
    return t("when.elsewhere", { when: own, there, place: zoneCity(timeZone) });
}

/**
 * @param {number} moment
 * @param {string} zone
 * @param {number} now
 */
function momentText(moment, zone, now) {
    const time = clock(moment, zone);
    const [date, today] = [wallTime(moment, zone).date, wallTime(now, zone).date];
    if (date === today) return t("when.today", { time });
    if (date === dayAfter(today, 1)) return t("when.tomorrow", { time });
    // The same weekday of next week would be taken for today's.
    if (date > today && date < dayAfter(today, 7)) return t("when.day", { day: weekday(moment, zone), time });
    const year = date.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
    const day = new Intl.DateTimeFormat(language(), { timeZone: zone, weekday: "short", day: "numeric", month: "long", year }).format(moment);
    return t("when.day", { day, time });
}

/**
 * @param {number} moment
 * @param {string} zone
 */
function clock(moment, zone) {
    return new Intl.DateTimeFormat(language(), { timeZone: zone, timeStyle: "short" }).format(moment);
}

/**
 * @param {number} moment
 * @param {string} zone
 */
function weekday(moment, zone) {
    return new Intl.DateTimeFormat(language(), { timeZone: zone, weekday: "long" }).format(moment);
}
