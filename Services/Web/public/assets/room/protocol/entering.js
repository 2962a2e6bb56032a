// @ts-check
import { randomKey } from "../../lib/random-key.js";
import { RequestError } from "./requests.js";

/** Refusals that pass by themselves: the same words again, a little later. */
const passing = new Set(["rebuilding", "unavailable", "internal_error", "too_many_requests"]);
/** New tickets in a row that are refused. */
const mostRefused = 3;

/**
 * @typedef {() => Promise<{ ticket: string, state?: object }>} Hello Fetches a fresh ticket.
 * @typedef {{ ticket: string, state?: object, key: string, uses: number }} Pass
 */

/** What to say first on a socket: who has a seat takes it up again, who has none shows a ticket. */
export class Entering {
    #hello;
    #order;
    /** @type {string | null} */
    #token;
    /**
     * The ticket of this entering. With the same key it leads to the same seat again, when an answer was lost.
     *
     * @type {Pass | null}
     */
    #pass = null;
    #refused = 0;

    /**
     * @param {Hello | null} hello
     * @param {string | null} token Of the seat of before.
     * @param {import("./event-order.js").EventOrder} order
     * @param {Pass | null} [pass] Of the waiting of before.
     */
    constructor(hello, token, order, pass = null) {
        this.#pass = pass;
        this.#hello = hello;
        this.#token = token;
        this.#order = order;
    }

    /** Whether there is a seat, as far as is known here. */
    get hasSeat() {
        return this.#token !== null;
    }

    get pass() {
        return this.#pass;
    }

    /** @returns {Promise<object>} */
    async first() {
        if (this.#token !== null) {
            const { epoch, seq } = this.#order;
            return { type: "resume", token: this.#token, ...(epoch === null ? {} : { epoch, seq }) };
        }
        if (!this.#hello) throw new RequestError("gone", "The seat is gone.");
        const fresh = this.#pass ?? { ...(await this.#hello()), key: randomKey(), uses: 0 };
        // An attempt that was given up may have fetched one in the meantime.
        const pass = (this.#pass ??= fresh);
        pass.uses += 1;
        const { ticket, key, uses: attempt, state } = pass;
        return { type: "hello", ticket, key, attempt, state, wait: true };
    }

    /** @param {string} token */
    entered(token) {
        this.#token = token;
        this.#pass = null;
        this.#refused = 0;
    }

    /**
     * @param {string} code
     * @returns {"later" | "anew" | "end"} Whether to say the same again later, to begin anew at once, or neither.
     */
    refused(code) {
        if (isPassing(code)) return "later";
        if (this.#token !== null) {
            this.#token = null;
            return this.#hello ? "anew" : "end";
        }
        const pass = this.#pass;
        this.#pass = null;
        if (code !== "ticket_invalid" || !pass) return "end";
        // One that became too old in the meantime is no reason to give up.
        if (pass.uses === 1) this.#refused += 1;
        return this.#refused < mostRefused ? "anew" : "end";
    }
}

/** @param {string} code */
export function isPassing(code) {
    return passing.has(code);
}
