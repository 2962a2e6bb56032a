// @ts-check
import { Backoff } from "../../lib/backoff.js";

/** How often another process is looked for before the one that stops closes the socket. */
const mostTries = 8;
/** Milliseconds that answers which are on their way are waited for. */
const patience = 2000;
const pause = 50;

/**
 * When to go over to another process, because the one that serves is about to stop. There is no hurry: the old socket
 * goes on serving until the new one does.
 */
export class Move {
    #isBusy;
    #go;
    #backoff;
    #tries = 0;
    /** Whether another process may have taken the seat, although its answer did not come. */
    #mayHaveMoved = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /**
     * @param {() => boolean} isBusy Whether answers are on their way.
     * @param {() => void} go
     * @param {(() => number) | undefined} random
     */
    constructor(isBusy, go, random) {
        this.#isBusy = isBusy;
        this.#go = go;
        this.#backoff = new Backoff({ first: 500, longest: 5000, random });
    }

    get mayHaveMoved() {
        return this.#mayHaveMoved;
    }

    /** @param {number} delay Milliseconds. */
    begin(delay) {
        this.#tries = 0;
        this.#backoff.reset();
        this.#schedule(delay);
    }

    /**
     * It did not work.
     *
     * @param {number} atLeast Milliseconds.
     * @param {boolean} asked Whether the other process was asked for the seat.
     */
    again(atLeast, asked) {
        this.#mayHaveMoved ||= asked;
        if (this.#tries < mostTries) this.#schedule(Math.max(atLeast, this.#backoff.next()));
    }

    /** The line that served does so no longer. */
    stop() {
        clearTimeout(this.#timer);
        this.#mayHaveMoved = false;
    }

    /** @param {number} delay */
    #schedule(delay) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#whenQuiet(patience), delay);
    }

    /** @param {number} left Milliseconds. */
    #whenQuiet(left) {
        if (left > 0 && this.#isBusy()) {
            this.#timer = setTimeout(() => this.#whenQuiet(left - pause), pause);
            return;
        }
        this.#tries += 1;
        this.#go();
    }
}
