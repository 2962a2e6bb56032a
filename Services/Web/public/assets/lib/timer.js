// @ts-check

/** Something to do later, at most one at a time. */
export class Timer {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    get isSet() {
        return this.#timer !== undefined;
    }

    /**
     * What was to be done before is not done any more.
     * @param {number} milliseconds
     * @param {() => void} work
     */
    set(milliseconds, work) {
        this.stop();
        this.#timer = setTimeout(() => {
            this.#timer = undefined;
            work();
        }, milliseconds);
    }

    stop() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
    }
}
