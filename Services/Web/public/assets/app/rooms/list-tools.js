// @ts-check
// How the rooms are shown: searched, ordered, as cards or as a list. Order and look are remembered.
import { h, hidden, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { read, write } from "../../lib/preferences.js";

/** @typedef {import("./room-rules.js").Order} Order */
/** @typedef {"cards" | "list"} Look */

/** From so many rooms on, a search is a help. */
const searchable = 7;
const orders = /** @type {readonly Order[]} */ (Object.freeze(["used", "name", "own"]));
const looks = /** @type {readonly Look[]} */ (Object.freeze(["cards", "list"]));

/** @returns {value is Order} @param {unknown} value */
const isOrder = (value) => orders.includes(/** @type {Order} */ (value));
/** @returns {value is Look} @param {unknown} value */
const isLook = (value) => looks.includes(/** @type {Look} */ (value));

/** @param {() => void} changed */
export function listTools(changed) {
    let order = read("roomOrder", isOrder, /** @type {Order} */ ("used"));
    let look = read("roomLook", isLook, /** @type {Look} */ ("cards"));
    const search = h("input", {
        class: "input", type: "search", "aria-label": tr("rooms.search"), placeholder: tr("rooms.search"), autocomplete: "off", oninput: changed,
    });
    const searchFrame = h("div", { class: "input-frame room-search" }, h("span", { class: "input-prefix" }, icon("search")), search);
    const select = h(
        "select",
        { class: "picker-select", "aria-label": tr("rooms.sort"), onchange: () => choose(/** @type {Order} */ (select.value)) },
        ...orders.map((value) => h("option", { value, selected: value === order }, tr(`rooms.sort.${value}`))),
    );
    const buttons = looks.map((value) =>
        h(
            "button",
            { class: "icon-button look-button", type: "button", title: tr(`rooms.look.${value}`), "aria-pressed": value === look, onclick: () => wear(value) },
            icon(value === "cards" ? "grid" : "list"),
            hidden(tr(`rooms.look.${value}`)),
        ),
    );
    const element = h(
        "div",
        { class: "room-list-tools picker-compact", hidden: true },
        searchFrame,
        h("span", { class: "picker" }, icon("sort"), select, icon("chevron")),
        h("div", { class: "look-buttons", role: "group", "aria-label": tr("rooms.look") }, ...buttons),
    );

    /** @param {Order} value */
    function choose(value) {
        order = value;
        write("roomOrder", order);
        changed();
    }

    /** @param {Look} value */
    function wear(value) {
        look = value;
        write("roomLook", look);
        for (const [index, button] of buttons.entries()) button.setAttribute("aria-pressed", String(looks[index] === look));
        changed();
    }

    return {
        element,
        get order() {
            return order;
        },
        get look() {
            return look;
        },
        get search() {
            return search.value.trim();
        },
        /** @param {number} count of rooms */
        show(count) {
            element.hidden = count < 2;
            searchFrame.hidden = count < searchable;
            if (searchFrame.hidden) search.value = "";
        },
    };
}
