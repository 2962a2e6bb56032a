// @ts-check

/**
 * The position in a room's event log. Events count up by one; anything else is a repetition or a gap.
 */
export class EventOrder {
    /** @type {string | null} */
    #epoch = null;
    #seq = 0;
    #suspended = true;

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

    /** Events that come before the next snapshot are part of it. */
    suspend() {
        this.#suspended = true;
    }

    /**
     * @param {number} seq
     * @returns {"take" | "skip" | "gap"}
     */
    accept(seq) {
        if (this.#suspended || seq <= this.#seq) return "skip";
        if (seq !== this.#seq + 1) return "gap";
        this.#seq = seq;
        return "take";
    }
}
