// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { closeCodes, mayReconnect } from "../../lib/limits.js";
import { ApiError } from "../../lib/problems.js";
import { Timer } from "../../lib/timer.js";

/** Refusals that pass by themselves. */
const passing = new Set(["unavailable", "too_many_requests", "rebuilding", "internal_error"]);
/** So many new tokens are tried in a row. */
const mostTokens = 3;
/** Over so many milliseconds spread those whom a process leaves that ends: else all of them ask the others in the same instant. */
export const spread = 3000;

/**
 * Whether a process has ended that others stand in for.
 * @param {number} code of the close
 */
export function isPlanned(code) {
    return code === closeCodes.goingAway || code === closeCodes.serviceRestart;
}

/**
 * @typedef {object} WayBackOptions
 * @property {number} longest milliseconds between two attempts, where nobody asks for more
 * @property {() => number} [random] 0 to 1
 * @property {() => void} attempt
 * @property {() => void} forgetToken the next token is to be a new one
 */

/**
 * Whether and when a stream that has ended is tried again. What ends it is said to one of the methods whose names begin with
 * `after`; they return the milliseconds until the attempt, or `null` when there is nothing to come back to.
 */
export class WayBack {
    #options;
    #random;
    #backoff;
    #timer = new Timer();
    #refusedTokens = 0;
    /** @type {number | null} */
    #barredUntil = null;

    /** @param {WayBackOptions} options */
    constructor(options) {
        this.#options = options;
        this.#random = options.random ?? Math.random;
        this.#backoff = new Backoff({ random: this.#random, longest: options.longest });
    }

    /** @returns {number | null} milliseconds since 1970: before that nothing may be asked, because it was asked too often */
    get barredUntil() {
        return this.#barredUntil !== null && this.#barredUntil > Date.now() ? this.#barredUntil : null;
    }

    /** There is nothing to come back for, or it is being tried already. */
    stop() {
        this.#timer.stop();
    }

    /** Somebody else begins. */
    forget() {
        this.stop();
        this.#backoff.reset();
        this.#refusedTokens = 0;
        this.#barredUntil = null;
    }

    /** The connection is there. */
    arrived() {
        this.#refusedTokens = 0;
        this.#barredUntil = null;
    }

    /** The connection is a good one: the next break is the first again. */
    settled() {
        this.#backoff.reset();
    }

    afterBreak() {
        return this.#in(0);
    }

    /** @param {{ code: string, retryAfter?: number }} refusal `retryAfter` in seconds */
    afterRefusal({ code, retryAfter = 0 }) {
        if (code === "unauthenticated") return this.#withAnotherToken();
        if (!passing.has(code)) return null;
        return this.#in(retryAfter * 1000, code);
    }

    /** @param {number} code of the close */
    afterClose(code) {
        // The session is over, or what the token says is: only a new token can tell.
        if (code === closeCodes.signedOut) return this.#withAnotherToken();
        if (!mayReconnect(code)) return null;
        return this.#in(isPlanned(code) ? this.#random() * spread : 0);
    }

    /** @param {unknown} error why there is no token */
    afterNoToken(error) {
        if (!(error instanceof ApiError)) return this.#in(0);
        return error.code === "unauthenticated" ? null : this.#in((error.retryAfter ?? 0) * 1000, error.code);
    }

    #withAnotherToken() {
        this.#refusedTokens += 1;
        if (this.#refusedTokens > mostTokens) return null;
        this.#options.forgetToken();
        return this.#in(0);
    }

    /**
     * @param {number} atLeast milliseconds
     * @param {string} [code] of the refusal
     */
    #in(atLeast, code) {
        const pause = Math.max(atLeast, this.#backoff.next());
        this.#barredUntil = code === "too_many_requests" ? Date.now() + pause : null;
        this.#timer.set(pause, this.#options.attempt);
        return pause;
    }
}
