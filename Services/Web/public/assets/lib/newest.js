// @ts-check
// Requests for the same thing that overtake each other.

/** Of several requests for the same thing only the answer to the newest one counts: an older one may come later, and knows less. */
export class Newest {
    #last = 0;

    /**
     * A request begins, or what is known has changed without one: answers to those before it are out of date.
     * @returns {() => boolean} whether it is the newest one still
     */
    begin() {
        const own = (this.#last += 1);
        return () => own === this.#last;
    }
}
