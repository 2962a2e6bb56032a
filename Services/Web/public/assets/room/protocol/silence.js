// @ts-check
import { RequestError } from "./requests.js";

/** Shortest time between two looks, in milliseconds. */
const shortest = 1000;

/**
 * @typedef {object} SilenceOptions
 * @property {number} limit Milliseconds of silence after which it is asked.
 * @property {number} patience Milliseconds for the answer.
 * @property {() => number} lastHeard
 * @property {(timeout: number) => Promise<unknown>} ask Any answer will do, also an error.
 * @property {() => void} silent There was no answer in time.
 */

/**
 * Notices that nothing comes any more. The server pings each 10 s, which a page can't see; so the page asks by itself
 * whether anybody is there when it has heard nothing for a while.
 */
export class SilenceWatch {
    #options;
    /** Counts starts and stops, so that an answer that is missed afterwards means nothing. */
    #round = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /** @param {SilenceOptions} options */
    constructor(options) {
        this.#options = options;
    }

    start() {
        this.stop();
        this.#timer = setTimeout(() => this.#look(), this.#options.limit);
    }

    stop() {
        this.#round += 1;
        clearTimeout(this.#timer);
    }

    /** @param {number} timeout Milliseconds. */
    async ask(timeout) {
        const round = this.#round;
        try {
            await this.#options.ask(timeout);
        } catch (error) {
            const missed = error instanceof RequestError && error.code === "timeout";
            if (missed && round === this.#round) this.#options.silent();
        }
    }

    #look() {
        const { limit, patience, lastHeard } = this.#options;
        const quiet = Date.now() - lastHeard();
        this.#timer = setTimeout(() => this.#look(), Math.max(shortest, limit - quiet));
        if (quiet >= limit) void this.ask(patience);
    }
}
