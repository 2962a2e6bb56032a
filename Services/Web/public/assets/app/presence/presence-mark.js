// @ts-check
import { h, icon, mount } from "../../lib/dom.js";

/** @typedef {import("../../lib/wire.js").PresenceState | "invisible" | "unknown"} MarkedState */

/**
 * A state's mark, told apart by its shape. Silent for screen readers: the state's name stands beside it.
 * @param {MarkedState} [state]
 */
export function presenceMark(state = "unknown") {
    const mark = h("span", { class: "presence-mark", "aria-hidden": true });
    setMark(mark, state);
    return mark;
}

/**
 * @param {HTMLElement} mark
 * @param {MarkedState} state
 */
export function setMark(mark, state) {
    if (mark.dataset["state"] === state) return;
    mark.dataset["state"] = state;
    mount(mark, icon(`presence-${state}`));
}
