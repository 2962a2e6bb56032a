// @ts-check
import { limits } from "../../lib/limits.js";

/** What a person does at a device. */
const signs = Object.freeze(["pointermove", "pointerdown", "keydown", "wheel", "touchstart"]);
/** Pointers move dozens of times in a second; once is enough. */
const pause = 1000;

/**
 * @typedef {object} ActivityOptions
 * @property {EventTarget & { readonly hidden: boolean }} page the document
 * @property {number} [limit] milliseconds
 * @property {() => number} [clock] milliseconds
 */

/**
 * Whether somebody uses this page: they have touched pointer, keys, wheel or screen within the limit while it could be seen, or
 * have just brought it to the front. Tells with the event `change`.
 */
export class Activity extends EventTarget {
    #page;
    #limit;
    #clock;
    #isActive = false;
    #lastUse = 0;
    #listening = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /** @param {ActivityOptions} options */
    constructor({ page, limit = limits.inactivity * 1000, clock = Date.now }) {
        super();
        this.#page = page;
        this.#limit = limit;
        this.#clock = clock;
    }

    get isActive() {
        return this.#isActive;
    }

    /** Begins. Who has just loaded a page that can be seen is there. */
    start() {
        this.stop();
        this.#listening = new AbortController();
        const { signal } = this.#listening;
        const used = () => this.#used();
        for (const sign of signs) this.#page.addEventListener(sign, used, { signal, passive: true, capture: true });
        this.#page.addEventListener("visibilitychange", used, { signal });
        used();
    }

    stop() {
        this.#listening.abort();
        clearTimeout(this.#timer);
        this.#isActive = false;
    }

    #used() {
        if (this.#page.hidden) return;
        const now = this.#clock();
        // Also after the device's clock was set back.
        if (this.#isActive && Math.abs(now - this.#lastUse) < pause) return;
        this.#lastUse = now;
        if (!this.#isActive) this.#wait(this.#limit);
        this.#set(true);
    }

    /** @param {number} milliseconds */
    #wait(milliseconds) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#look(), milliseconds);
    }

    #look() {
        const idle = this.#clock() - this.#lastUse;
        if (idle >= this.#limit) this.#set(false);
        else this.#wait(Math.min(this.#limit, this.#limit - idle));
    }

    /** @param {boolean} isActive */
    #set(isActive) {
        if (isActive === this.#isActive) return;
        this.#isActive = isActive;
        this.dispatchEvent(new Event("change"));
    }
}
