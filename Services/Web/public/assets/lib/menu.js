// @ts-check
// A button that opens a list of things to do. By keyboard: arrows, Home, End, the first letter; Escape and Tab close it.
import { h, hidden, icon, mount, newID } from "./dom.js";

/** @typedef {{ mark: import("./dom.js").IconName, label: string | (() => string), danger?: boolean, run: () => void }} MenuItem */

const gap = 4;

/**
 * @param {{ label: () => string, describedBy?: string, items: () => MenuItem[] }} options `items` are asked for when it opens
 */
export function menuButton({ label, describedBy, items }) {
    const id = newID("menu");
    const button = h(
        "button",
        {
            class: "icon-button", type: "button", id: `${id}-button`, title: label, "aria-haspopup": "menu", "aria-expanded": false,
            "aria-controls": id, "aria-describedby": describedBy, onclick: toggle, onkeydown: openByKey,
        },
        icon("more"),
        hidden(label),
    );
    const list = h("div", { class: "menu action-menu", id, role: "menu", "aria-labelledby": `${id}-button`, hidden: true, onkeydown: move });
    const element = h("div", { class: "menu-place" }, button, list);
    let listening = new AbortController();

    function toggle() {
        if (list.hidden) open(0);
        else close(true);
    }

    /** @param {KeyboardEvent} event */
    function openByKey(event) {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        open(event.key === "ArrowDown" ? 0 : -1);
    }

    /** @param {number} index of the item that gets the focus */
    function open(index) {
        mount(list, ...items().map(entry));
        list.hidden = false;
        button.setAttribute("aria-expanded", "true");
        place();
        listening = new AbortController();
        const { signal } = listening;
        document.addEventListener("pointerdown", (event) => !element.contains(/** @type {Node} */ (event.target)) && close(false), { signal });
        // It stands still in the window, and its button does not.
        document.addEventListener("scroll", place, { signal, capture: true });
        window.addEventListener("resize", place, { signal });
        element.addEventListener("focusout", (event) => leaves(event.relatedTarget) && close(false), { signal });
        all().at(index)?.focus({ preventScroll: true });
    }

    /** @param {EventTarget | null} target */
    function leaves(target) {
        return target instanceof Node && !element.contains(target);
    }

    /** @param {boolean} focus */
    function close(focus) {
        if (list.hidden) return;
        listening.abort();
        if (focus) button.focus({ preventScroll: true });
        list.hidden = true;
        button.setAttribute("aria-expanded", "false");
    }

    /** Below the button, or above it where there is no room; not without it. */
    function place() {
        const from = button.getBoundingClientRect();
        if (from.bottom < 0 || from.top > window.innerHeight) return close(list.contains(document.activeElement));
        const size = list.getBoundingClientRect();
        const isLow = from.bottom + gap + size.height > window.innerHeight && from.top > size.height + gap;
        const left = Math.max(gap, Math.min(from.right - size.width, document.documentElement.clientWidth - size.width - gap));
        list.style.setProperty("left", `${left}px`);
        list.style.setProperty("top", `${isLow ? from.top - gap - size.height : from.bottom + gap}px`);
        return undefined;
    }

    /** @param {MenuItem} item */
    function entry({ mark, label: text, danger = false, run }) {
        const act = () => {
            // Dialogs give the focus back to what had it before them.
            close(true);
            run();
        };
        return h("button", { class: ["menu-item", danger && "menu-item-danger"], type: "button", role: "menuitem", tabindex: -1, onclick: act }, icon(mark), h("span", null, text));
    }

    function all() {
        return /** @type {HTMLElement[]} */ ([...list.children]);
    }

    /** @param {KeyboardEvent} event */
    function move(event) {
        const entries = all();
        const index = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
        if (event.key === "Escape" || event.key === "Tab") {
            // Only the menu is meant, not a dialog around it.
            if (event.key === "Escape") event.preventDefault();
            event.stopPropagation();
            return close(true);
        }
        const target = targetOf(event.key, entries, index);
        if (target === null) return undefined;
        event.preventDefault();
        return entries.at(target)?.focus();
    }

    return { element, button, close: () => close(false) };
}

/**
 * @param {string} key
 * @param {HTMLElement[]} entries
 * @param {number} index
 * @returns {number | null} where the focus goes
 */
function targetOf(key, entries, index) {
    if (key === "ArrowDown") return (index + 1) % entries.length;
    if (key === "ArrowUp") return (index - 1 + entries.length) % entries.length;
    if (key === "Home") return 0;
    if (key === "End") return -1;
    if (key.length !== 1 || key === " ") return null;
    const begins = (/** @type {number} */ at) => (entries[at]?.textContent ?? "").toLocaleLowerCase().startsWith(key.toLocaleLowerCase());
    for (let step = 1; step <= entries.length; step += 1) {
        const at = (index + step) % entries.length;
        if (begins(at)) return at;
    }
    return null;
}
