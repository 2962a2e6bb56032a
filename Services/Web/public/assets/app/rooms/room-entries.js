// @ts-check
// What can be set of a room, one entry for each field of the form; and what to do when two people changed it at once. Pure.

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/wire-directory.js").RoomDraft} RoomDraft */
/** @typedef {import("../../lib/wire-directory.js").RoomOptions} RoomOptions */
/** @typedef {{ name: string, alias: string, description: string, color: import("../../lib/wire-directory.js").RoomColor, pin: string }} BasicEntries */
/** @typedef {BasicEntries & RoomOptions & { deputies: string[] }} RoomEntries */

/** What a meeting may do as long as nobody chose anything else. */
const usualOptions = Object.freeze(
    /** @type {RoomOptions} */ ({
        everyoneModerates: false,
        muteOnJoining: false,
        lobby: "nobody",
        waitForModerator: false,
        screenSharing: "everyone",
        chat: "everyone",
        keepChat: true,
    }),
);
const optionKeys = /** @type {(keyof RoomOptions)[]} */ (Object.keys(usualOptions));

/**
 * @param {RoomView | null} room `null` for a new one
 * @returns {RoomEntries}
 */
export function entriesOf(room) {
    return {
        name: room?.name ?? "",
        alias: room?.alias ?? "",
        description: room?.description ?? "",
        color: room?.color ?? "teal",
        pin: room?.pin ?? "",
        ...(room?.options ?? usualOptions),
        deputies: room?.deputies ?? [],
    };
}

/**
 * @param {RoomEntries} entries
 * @returns {RoomDraft}
 */
export function draftOf(entries) {
    const options = /** @type {any} */ (Object.fromEntries(optionKeys.map((key) => [key, entries[key]])));
    return {
        name: entries.name.trim(),
        alias: entries.alias || undefined,
        description: entries.description,
        color: entries.color,
        pin: entries.pin || undefined,
        options,
    };
}

/**
 * Whether an entry is the same; lists are, when the same things are in them.
 * @param {unknown} one
 * @param {unknown} other
 */
export function isSame(one, other) {
    if (!Array.isArray(one) || !Array.isArray(other)) return (one ?? "") === (other ?? "");
    return one.length === other.length && one.every((item) => other.includes(item));
}

/**
 * Two people changed the same thing. What only the other one changed is taken over; what both changed differently is for the person to choose.
 * @template {object} Entries
 * @param {Entries} base what the change began with
 * @param {Entries} entered
 * @param {Entries} current
 * @returns {{ taken: (keyof Entries)[], disputed: (keyof Entries)[] }}
 */
export function compare(base, entered, current) {
    const changed = /** @type {(keyof Entries)[]} */ (Object.keys(current)).filter((key) => !isSame(entered[key], current[key]));
    return {
        taken: changed.filter((key) => isSame(entered[key], base[key])),
        disputed: changed.filter((key) => !isSame(entered[key], base[key]) && !isSame(current[key], base[key])),
    };
}
