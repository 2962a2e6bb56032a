// @ts-check
// Time zones by their IANA names, and the clocks on their walls.

const minute = 60_000;

/** The zone that this browser is in. */
export function ownZone() {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/**
 * All zones that the browser knows, by name; none where it does not tell.
 * @returns {string[]}
 */
export function allZones() {
    const { supportedValuesOf } = /** @type {any} */ (Intl);
    const known = supportedValuesOf ? supportedValuesOf("timeZone") : [];
    return [...new Set([...known, ownZone(), "UTC"])].sort();
}

/** @param {string} name */
export function isZone(name) {
    // Offsets such as "+01:00" are taken by some browsers, and are no zones.
    if (!/^[A-Za-z]/.test(name)) return false;
    try {
        new Intl.DateTimeFormat("en", { timeZone: name });
        return true;
    } catch {
        return false;
    }
}

/**
 * "New York" of "America/New_York".
 * @param {string} zone
 */
export function zoneCity(zone) {
    return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/**
 * What the clocks of a zone show, `yyyy-MM-dd` and `HH:mm`.
 * @param {number} instant milliseconds
 * @param {string} zone
 */
export function wallTime(instant, zone) {
    const format = new Intl.DateTimeFormat("en-US", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    });
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    return { date: `${parts["year"]}-${parts["month"]}-${parts["day"]}`, time: `${parts["hour"]}:${parts["minute"]}` };
}

/**
 * When the clocks of a zone show this. An hour that is skipped is taken as if the clocks had not been changed.
 * @param {string} date `yyyy-MM-dd`
 * @param {string} time `HH:mm`
 * @param {string} zone
 * @returns {number} milliseconds
 */
export function instantOf(date, time, zone) {
    const asUTC = Date.parse(`${date}T${time}Z`);
    const offset = (/** @type {number} */ at) => {
        const shown = wallTime(at, zone);
        return Date.parse(`${shown.date}T${shown.time}Z`) - Math.floor(at / minute) * minute;
    };
    // Twice, since the offset there and the one here may differ.
    const near = asUTC - offset(asUTC);
    return asUTC - offset(near);
}

/**
 * Whether the clocks of two zones show the same then.
 * @param {number} instant
 * @param {string} one
 * @param {string} other
 */
export function sameClock(instant, one, other) {
    const [a, b] = [wallTime(instant, one), wallTime(instant, other)];
    return a.date === b.date && a.time === b.time;
}

/**
 * The day after so many days.
 * @param {string} date `yyyy-MM-dd`
 * @param {number} days
 */
export function dayAfter(date, days) {
    return new Date(Date.parse(`${date}T00:00Z`) + days * 24 * 60 * minute).toISOString().slice(0, 10);
}
