// @ts-check
// What a room must look like, before the server is asked. Pure.
import { characters, limits } from "../lib/limits.js";
import { isAlias } from "../lib/links.js";
import { day } from "../lib/time.js";

/** @typedef {import("../lib/wire.js").FieldProblem} FieldProblem */
/** @typedef {import("../lib/wire.js").RoomView} RoomView */
/** @typedef {{ name: string, alias: string, description: string, color: import("../lib/wire.js").RoomColor, pin: string }} RoomEntries */

/** @type {readonly import("../lib/wire.js").RoomColor[]} */
export const roomColors = Object.freeze(["blue", "teal", "green", "yellow", "orange", "red", "pink", "purple", "gray"]);
/** From 14 days before its end on, the owner is warned. */
const warningDays = 14;

/**
 * @param {RoomEntries} entries as they were entered
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
 * @param {RoomView} room
 * @param {number} now milliseconds
 * @returns {{ state: "expired" } | { state: "soon", days: number } | { state: "fine" }}
 */
export function roomAge(room, now) {
    const left = Date.parse(room.expiresAt) - now;
    if (left <= 0) return { state: "expired" };
    const days = Math.ceil(left / day);
    return days <= warningDays ? { state: "soon", days } : { state: "fine" };
}

/**
 * Whether nobody was in it since it was made.
 * @param {RoomView} room
 */
export function isUnused(room) {
    return Math.abs(Date.parse(room.lastUsedAt) - Date.parse(room.createdAt)) < 1000;
}

/**
 * @param {RoomView[]} rooms
 * @param {{ order: "name" | "used", search: string, language: string }} options
 */
export function arrangeRooms(rooms, { order, search, language }) {
    const wanted = search.trim().toLocaleLowerCase();
    const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
    const byName = (/** @type {RoomView} */ a, /** @type {RoomView} */ b) => collator.compare(a.name, b.name) || a.id.localeCompare(b.id);
    const byUse = (/** @type {RoomView} */ a, /** @type {RoomView} */ b) => Date.parse(b.lastUsedAt) - Date.parse(a.lastUsedAt) || byName(a, b);
    return rooms
        .filter(({ name, alias, description }) => `${name}\n${alias}\n${description}`.toLocaleLowerCase().includes(wanted))
        .sort(order === "name" ? byName : byUse);
}
