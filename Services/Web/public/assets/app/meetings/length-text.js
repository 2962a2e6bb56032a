// @ts-check
import { t } from "../../lib/i18n.js";

/**
 * How long a meeting was: "1 h 5 min"; less than a minute is one.
 * @param {number} milliseconds
 */
export function lengthText(milliseconds) {
    const minutes = Math.max(1, Math.round(milliseconds / 60_000));
    if (minutes < 60) return t("history.minutes", { minutes });
    return t("history.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
