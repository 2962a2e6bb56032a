// @ts-check
// What a room must look like, before the server is asked. Pure.
import { characters, limits } from "../../lib/limits.js";
import { isAlias } from "../../lib/links.js";
import { day } from "../../lib/time.js";

/** @typedef {import("../../lib/wire.js").FieldProblem} FieldProblem */
/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

/** @type {readonly import("../../lib/wire-directory.js").RoomColor[]} */
export const roomColors = Object.freeze(["blue", "teal", "green", "yellow", "orange", "red", "pink", "purple", "gray"]);
/** A PIN of so many digits or more takes long to guess. */
const goodPIN = 6;

/** @typedef {"used" | "name" | "own"} Order */

/**
 * @param {import("./room-entries.js").BasicEntries} entries as they were entered
 * @param {{ aliasRequired: boolean }} options
 * @returns {FieldProblem[]}
 */
export function checkRoom(entries, { aliasRequired }) {
    /** @type {FieldProblem[]} */
    const problems = [];
    const name = entries.name.trim();
    if (name === "") problems.push({ field: "name", reason: "missing" });
    else if (characters(name) > limits.roomName.max) problems.push({ field: "name", reason: "too_long" });
    if (entries.alias === "") {
        if (aliasRequired) problems.push({ field: "alias", reason: "missing" });
    } else if (!isAlias(entries.alias)) problems.push({ field: "alias", reason: "bad_format" });
    if (characters(entries.description) > limits.roomDescription.max) problems.push({ field: "description", reason: "too_long" });
    if (entries.pin !== "" && !isPIN(entries.pin)) problems.push({ field: "pin", reason: "bad_format" });
    return problems;
}

/** @param {string} text */
export function isPIN(text) {
    return /^[0-9]+$/.test(text) && text.length >= limits.pin.min && text.length <= limits.pin.max;
}

/**
 * @param {(array: Uint8Array) => Uint8Array} [fill]
 */
export function generatePIN(fill = (array) => crypto.getRandomValues(array)) {
    let pin = "";
    while (pin.length < limits.generatedPIN) {
        for (const byte of fill(new Uint8Array(16))) {
            // 250 to 255 would make the low digits likelier.
            if (byte < 250 && pin.length < limits.generatedPIN) pin += String(byte % 10);
        }
    }
    return pin;
}

/**
 * What an alias becomes while it is typed.
 * @param {string} text
 */
export function tidyAlias(text) {
    return text.toLowerCase().replace(/[\s_]+/g, "-");
}

/**
 * Whether a PIN may be had, but is quickly guessed.
 * @param {string} pin
 */
export function isShortPIN(pin) {
    return isPIN(pin) && pin.length < goodPIN;
}

/**
 * How a room stands to its end. The server says so, by its own clock; only the days are counted here.
 * @param {Pick<RoomView, "age" | "expiresAt" | "removedInDays">} room
 * @param {number} now milliseconds
 * @returns {{ state: "fine" } | { state: "expiring", days: number } | { state: "expired", removedAt: number | null }}
 */
export function roomAge({ age, expiresAt, removedInDays }, now) {
    if (age === "expired") return { state: age, removedAt: removedInDays === undefined ? null : now + removedInDays * day };
    if (age === "expiring") return { state: age, days: Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / day)) };
    return { state: "fine" };
}

/**
 * Whether nobody was in it since it was made.
 * @param {RoomView} room
 */
export function isUnused(room) {
    return Math.abs(Date.parse(room.lastUsedAt) - Date.parse(room.createdAt)) < 1000;
}

/**
 * @param {RoomView[]} rooms in one's own order
 * @param {{ order: Order, search: string, language: string }} options
 */
export function arrangeRooms(rooms, { order, search, language }) {
    const wanted = search.trim().toLocaleLowerCase();
    const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
    const byName = (/** @type {RoomView} */ a, /** @type {RoomView} */ b) => collator.compare(a.name, b.name) || a.id.localeCompare(b.id);
    const byUse = (/** @type {RoomView} */ a, /** @type {RoomView} */ b) => Date.parse(b.lastUsedAt) - Date.parse(a.lastUsedAt) || byName(a, b);
    const found = rooms.filter(({ name, alias, description }) => `${name}\n${alias}\n${description}`.toLocaleLowerCase().includes(wanted));
    return order === "own" ? found : found.sort(order === "name" ? byName : byUse);
}

/**
 * One's own order with one room moved; `null` when it can't go further.
 * @param {RoomView[]} rooms
 * @param {string} id
 * @param {-1 | 1} step
 * @returns {RoomView[] | null}
 */
export function moveRoom(rooms, id, step) {
    const from = rooms.findIndex((room) => room.id === id);
    const to = from + step;
    const [moved, other] = [rooms[from], rooms[to]];
    if (!moved || !other) return null;
    const arranged = [...rooms];
    arranged[from] = other;
    arranged[to] = moved;
    return arranged;
}
