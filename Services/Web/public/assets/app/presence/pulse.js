// @ts-check
import { Timer } from "../../lib/timer.js";

/**
 * @typedef {object} PulseOptions
 * @property {{ silence: number, probe: number, steady: number }} times milliseconds, see `StreamTimes`
 * @property {() => void} ask says something that has an answer
 * @property {() => void} settled the connection has lasted for so long that it is a good one
 * @property {() => void} dead nobody has answered
 */

/** Whether anybody is at the other end. A page sees no pings, and a network that has died says nothing: so it asks by itself. */
export class Pulse {
    #options;
    #silence = new Timer();
    #steady = new Timer();

    /** @param {PulseOptions} options */
    constructor(options) {
        this.#options = options;
    }

    /** Whether the connection is still so young that it may be a bad one. */
    get isYoung() {
        return this.#steady.isSet;
    }

    start() {
        const { times, settled } = this.#options;
        this.heard();
        this.#steady.set(times.steady, settled);
    }

    stop() {
        this.#silence.stop();
        this.#steady.stop();
    }

    heard() {
        this.#silence.set(this.#options.times.silence, () => this.probe());
    }

    probe() {
        const { times, ask, dead } = this.#options;
        ask();
        this.#silence.set(times.probe, dead);
    }
}
