// @ts-check

/**
 * The position in a room's event log. Events count up by one; anything else is a repetition or a gap.
 */
export class EventOrder {
    /** @type {string | null} */
    #epoch = null;
    #seq = 0;
    #suspended = true;
    /** Where events went on last. */
    #resumedAt = -1;

    get epoch() {
        return this.#epoch;
    }

    get seq() {
        return this.#seq;
    }

    /**
     * A snapshot has come: events go on after it.
     *
     * @param {string} epoch
     * @param {number} seq
     */
    start(epoch, seq) {
        this.#epoch = epoch;
        this.#seq = seq;
        this.#suspended = false;
    }

    /** Events go on where they stopped. */
    resume() {
        this.#resumedAt = this.#seq;
        this.#suspended = false;
    }

    /** Events that come before the next snapshot are part of it. */
    suspend() {
        this.#suspended = true;
    }

    /**
     * @param {number} seq The last number of what has come.
     * @param {number} [count] How many numbers it covers.
     * @returns {number | "gap"} How many of them are new.
     */
    accept(seq, count = 1) {
        if (this.#suspended || seq <= this.#seq) return 0;
        if (seq - count > this.#seq) {
            // The log does not fill it: only a snapshot can.
            if (this.#seq === this.#resumedAt) this.#epoch = null;
            return "gap";
        }
        const fresh = seq - this.#seq;
        this.#seq = seq;
        return fresh;
    }
}
