// @ts-check
// Presence in words. Pure.
import { t } from "../../lib/i18n.js";
import { dateTimeText, day, dayTimeText, timeText } from "../../lib/time.js";

/** @typedef {import("../../lib/wire.js").SeenPresence} SeenPresence */

const between = " · ";
/** So often what is written follows the clock: "until tomorrow, 15:30" becomes "until 15:30". */
export const textMilliseconds = 60_000;

/**
 * "Busy · In meeting · until 15:30": everything but the person's own words.
 * @param {SeenPresence | null} seen `null` when it is not known
 * @param {number} [now] milliseconds
 */
export function seenText(seen, now = Date.now()) {
    if (!seen) return t("presence.unknown");
    const { state, note, until } = seen;
    return [t(`presence.${state}`), note && t(`presenceNote.${note}`), until && t("presenceText.until", { time: endText(until, now) })].filter(Boolean).join(between);
}

/**
 * Why nothing is known.
 * @param {number | null} barredUntil milliseconds; `null` for anything but having asked too often
 */
export function unknownText(barredUntil) {
    return barredUntil === null ? t("colleagues.stale") : t("colleagues.barred", { time: timeText(barredUntil) });
}

/**
 * "15:30", "the end of today", "tomorrow, 15:30", "3 May, 15:30"
 * @param {string} until
 * @param {number} [now] milliseconds
 */
export function endText(until, now = Date.now()) {
    const end = new Date(until);
    const midnight = new Date(end).setHours(0, 0, 0, 0);
    const days = Math.round((midnight - new Date(now).setHours(0, 0, 0, 0)) / day);
    if (days === 0) return timeText(end);
    // Nobody means tomorrow by it.
    if (days === 1 && end.getTime() === midnight) return t("presenceText.endOfToday");
    if (days === 1) return t("presenceText.tomorrow", { time: timeText(end) });
    return days < 180 ? dayTimeText(end) : dateTimeText(end);
}
