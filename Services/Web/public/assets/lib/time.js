// @ts-check
// Times for people, in the language of the page and the time zone of the browser.
import { language } from "./i18n.js";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
export const day = 24 * hour;

/** @typedef {Date | string | number} Moment */

/**
 * "3 May 2025"
 * @param {Moment} moment
 */
export function dateText(moment) {
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium" }).format(new Date(moment));
}

/**
 * "14:05"
 * @param {Moment} moment
 */
export function timeText(moment) {
    return new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(new Date(moment));
}

/** @param {Moment} moment */
export function dateTimeText(moment) {
    return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

/**
 * "3 May, 14:05", beside a whole date.
 * @param {Moment} moment
 */
export function dayTimeText(moment) {
    const day = new Intl.DateTimeFormat(language(), { day: "numeric", month: "short" }).format(new Date(moment));
    return `${day}, ${timeText(moment)}`;
}

/**
 * "5 minutes ago", "yesterday", "in 3 days".
 * @param {Moment} moment
 * @param {number} [now] milliseconds
 */
export function relativeText(moment, now = Date.now()) {
    const format = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
    const distance = new Date(moment).getTime() - now;
    const size = Math.abs(distance);
    if (size < minute) return format.format(0, "second");
    if (size < hour) return format.format(Math.trunc(distance / minute), "minute");
    if (size < day) return format.format(Math.trunc(distance / hour), "hour");
    if (size < 30 * day) return format.format(calendarDays(distance, now), "day");
    return format.format(Math.trunc(distance / (30 * day)), "month");
}

/**
 * Midnights between now and then: what was at eleven last night is "yesterday".
 * @param {number} distance
 * @param {number} now
 */
function calendarDays(distance, now) {
    const start = new Date(now).setHours(0, 0, 0, 0);
    const end = new Date(now + distance).setHours(0, 0, 0, 0);
    return Math.round((end - start) / day);
}

/**
 * "2 minutes" for waits.
 * @param {number} seconds
 */
export function durationText(seconds) {
    const inMinutes = seconds >= 90;
    return new Intl.NumberFormat(language(), {
        style: "unit",
        unit: inMinutes ? "minute" : "second",
        unitDisplay: "long",
    }).format(inMinutes ? Math.ceil(seconds / 60) : Math.ceil(seconds));
}

/**
 * "1:02:03" of a running meeting.
 * @param {number} milliseconds
 */
export function clockText(milliseconds) {
    const total = Math.max(0, Math.floor(milliseconds / second));
    const parts = [Math.floor(total / 60) % 60, total % 60].map((part) => String(part).padStart(2, "0"));
    const hours = Math.floor(total / 3600);
    return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":");
}
