// @ts-check

/**
 * Waiting times between attempts: doubled each time, with jitter, so that fifty people who lost the same node do not
 * come back in the same instant.
 */
export class Backoff {
    #attempt = 0;
    #first;
    #longest;
    #random;

    /**
     * @param {{ first?: number, longest?: number, random?: () => number }} options Milliseconds.
     */
    constructor(options) {
        this.#first = options.first ?? 250;
        this.#longest = options.longest ?? 5000;
        this.#random = options.random ?? Math.random;
    }

    /** How often `next` was asked since the last `reset`. */
    get attempt() {
        return this.#attempt;
    }

    /** @returns {number} Milliseconds, between half of the step and the whole of it. */
    next() {
        const step = Math.min(this.#longest, this.#first * 2 ** this.#attempt);
        this.#attempt += 1;
        return step / 2 + (this.#random() * step) / 2;
    }

    reset() {
        this.#attempt = 0;
    }
}
