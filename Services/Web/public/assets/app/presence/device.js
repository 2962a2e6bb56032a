// @ts-check
import { randomKey } from "../../lib/random-key.js";

const key = "parley.device";

/**
 * By which presence knows this tab again after a reload.
 *
 * While the page lives its id stands nowhere but here: a browser that duplicates a tab copies what the tab has stored, and
 * two tabs with one id would be one device, gone when the first of them is closed.
 */
export class DeviceID {
    #storage;
    /** @type {string | null} */
    #value = null;

    /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage `sessionStorage`, or null if blocked */
    constructor(storage) {
        this.#storage = storage;
    }

    /** 8 to 64 of `A-Za-z0-9_-`. */
    get value() {
        this.#value ??= this.#take() ?? randomKey();
        return this.#value;
    }

    /** The page goes: whoever comes after it in this tab is the same device. */
    leave() {
        try {
            if (this.#value) this.#storage?.setItem(key, this.#value);
        } catch {
            // Without storage the next page is another device.
        }
    }

    /** The page was only put aside, and is back. */
    comeBack() {
        this.#take();
    }

    /** @returns {string | null} */
    #take() {
        try {
            const kept = this.#storage?.getItem(key) ?? null;
            this.#storage?.removeItem(key);
            return kept !== null && /^[\w-]{8,64}$/.test(kept) ? kept : null;
        } catch {
            return null;
        }
    }
}
