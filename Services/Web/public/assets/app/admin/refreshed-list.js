// @ts-check
// A list that is read again while the page can be seen. What is known stays, with its focus, also when it can't be read just now.
import { ApiError } from "../../lib/api.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { Newest } from "../../lib/newest.js";
import { pollWhileVisible } from "../../lib/page.js";
import { skeletonRows } from "./list-parts.js";

const pollMilliseconds = 10_000;

/**
 * @template Item
 * @typedef {{ element: HTMLElement, update: (item: Item) => void }} Row
 */
/**
 * @template Item
 * @typedef {object} ListOptions
 * @property {HTMLElement} heading names the list; has the focus when what had it is gone
 * @property {(signal: AbortSignal) => Promise<Item[]>} read
 * @property {(item: Item) => Row<Item>} row
 * @property {() => string} none what is said when there are none
 */

/** @template {{ id: string }} Item */
export class RefreshedList {
    #options;
    #signal = new AbortController().signal;
    /**
     * `null` until they are known.
     * @type {Item[] | null}
     */
    #items = null;
    /** What is read while something is changed may not know of it. */
    #reads = new Newest();
    /** @type {Map<string, Row<Item>>} */
    #rows = new Map();
    #message = h("div", { role: "status" });
    /** What the message says: said again, it would be read out again. */
    #said = "";
    #list;

    /** @param {ListOptions<Item>} options */
    constructor(options) {
        this.#options = options;
        this.#list = h("ul", { class: "telephone-list", "aria-labelledby": options.heading.id });
    }

    get elements() {
        return [this.#message, this.#list];
    }

    /**
     * Reads until the signal is aborted.
     * @param {AbortSignal} signal
     */
    start(signal) {
        this.#signal = signal;
        if (this.#items === null) mount(this.#list, ...skeletonRows());
        pollWhileVisible(() => this.refresh(), pollMilliseconds, signal);
    }

    async refresh() {
        const signal = this.#signal;
        const isNewest = this.#reads.begin();
        try {
            const items = await this.#options.read(signal);
            if (!signal.aborted && isNewest()) this.#show(items);
        } catch (error) {
            if (!signal.aborted && isNewest()) this.#fail(error);
        }
    }

    /** @param {Item} item */
    add(item) {
        this.#reads.begin();
        this.#show([...(this.#items ?? []).filter(({ id }) => id !== item.id), item]);
    }

    /** @param {string} id */
    remove(id) {
        this.#reads.begin();
        this.#show((this.#items ?? []).filter((item) => item.id !== id));
    }

    /** @param {Item[]} items */
    #show(items) {
        this.#items = items;
        const elements = items.map((item) => this.#row(item).element);
        const hadFocus = document.activeElement;
        const isHere = this.#message.contains(hadFocus) || this.#list.contains(hadFocus);
        for (const element of [...this.#list.children]) if (!elements.includes(/** @type {HTMLElement} */ (element))) element.remove();
        for (const [index, element] of elements.entries()) {
            if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null);
        }
        const known = new Set(items.map(({ id }) => id));
        for (const id of [...this.#rows.keys()]) if (!known.has(id)) this.#rows.delete(id);
        if (items.length > 0) this.#say("");
        else this.#say("none", h("p", { class: "muted" }, this.#options.none));
        if (isHere && !hadFocus?.isConnected) this.#options.heading.focus();
    }

    /** @param {Item} item */
    #row(item) {
        const known = this.#rows.get(item.id);
        if (known) {
            known.update(item);
            return known;
        }
        const row = this.#options.row(item);
        this.#rows.set(item.id, row);
        return row;
    }

    /** @param {unknown} error */
    #fail(error) {
        if (this.#items) return this.#say("stale", notice("warning", tr("telephone.stale")));
        mount(this.#list);
        const again = h("button", { class: "button", type: "button", onclick: () => this.refresh() }, icon("refresh"), tr("common.tryAgain"));
        const code = error instanceof ApiError ? error.code : "";
        return this.#say(`failed ${code}`, notice("warning", h("p", null, () => errorText(error)), again));
    }

    /**
     * @param {string} what
     * @param {...HTMLElement} words
     */
    #say(what, ...words) {
        if (what === this.#said) return;
        this.#said = what;
        mount(this.#message, ...words);
    }
}
