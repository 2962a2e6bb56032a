// @ts-check
import { dayTimeText, timeText } from "../../lib/time.js";

/**
 * How the times of a meeting are told: with their days, if it went on over midnight where the reader is.
 * @param {(string | undefined)[]} moments all that are told of it
 * @returns {(moment: string) => string}
 */
export function timesText(moments) {
    const days = new Set(moments.flatMap((moment) => (moment === undefined ? [] : [new Date(moment).toDateString()])));
    return days.size > 1 ? dayTimeText : timeText;
}
