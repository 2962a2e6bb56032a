// @ts-check
import { h, hidden, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {{ mark: import("../../lib/dom.js").IconName, key: string, text: string, look: string, parameters?: Record<string, string> }} Mark */

/**
 * What is special about a room, in the order of how much it matters to who wants to start.
 * @param {RoomView} room
 * @returns {Mark[]}
 */
export function marksOf(room) {
    /** @type {[boolean, Mark][]} */
    const all = [
        [room.locked, { mark: "lock", key: "mark.locked", text: "mark.lockedText", look: "badge-warning" }],
        [Boolean(room.pin), { mark: "key", key: "mark.pin", text: "mark.pinText", look: "" }],
        [room.options.lobby !== "nobody", { mark: "door", key: `mark.lobby.${room.options.lobby}`, text: `mark.lobby.${room.options.lobby}Text`, look: "" }],
        [room.personal, { mark: "home", key: "mark.personal", text: "mark.personalText", look: "badge-accent" }],
        [room.access === "deputy", { mark: "people", key: "mark.deputy", text: "mark.deputyText", look: "badge-accent", parameters: { name: room.ownerName } }],
    ];
    return all.filter(([holds]) => holds).map(([, mark]) => mark);
}

/** @param {Mark} mark */
export function markBadge({ mark, key, text, look, parameters }) {
    const explained = tr(text, parameters);
    return h("li", { class: ["badge", look], title: explained }, icon(mark), h("span", null, tr(key, parameters)), hidden(" – ", explained));
}
