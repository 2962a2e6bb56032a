// @ts-check
// The people of an organization, as many as a page should hold. No I/O of its own.

/** @typedef {import("../../lib/wire.js").Colleague} Colleague */
/** @typedef {(wanted: { search?: string, cursor?: string }, signal: AbortSignal) => Promise<import("../../lib/wire.js").ColleaguesView>} Ask one page */

/** So many are read and kept. Where there are more, those that are not kept are found by the server. */
export const mostPeople = 1000;

/** @typedef {{ people: Colleague[], isWhole: boolean }} Found `isWhole`: whether nobody else fits */

/**
 * As the server compares names: without differences of case and of composition.
 * @param {string} text
 */
function fold(text) {
    return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

export class PeopleList {
    #ask;
    #own;
    /** @type {Colleague[]} */
    #people = [];
    #isWhole = true;

    /**
     * @param {Ask} ask
     * @param {string} own one's own account, which is not among them
     */
    constructor(ask, own) {
        this.#ask = ask;
        this.#own = own;
    }

    /** By name. */
    get people() {
        return this.#people;
    }

    /** Whether these are all. */
    get isWhole() {
        return this.#isWhole;
    }

    /**
     * Reads them anew; what was known stays until all of it is there.
     * @param {AbortSignal} signal
     */
    async read(signal) {
        /** @type {Colleague[]} */
        const people = [];
        /** @type {string | undefined} */
        let cursor;
        do {
            /** @type {import("../../lib/wire.js").ColleaguesView} */
            const page = await this.#ask({ cursor }, signal);
            people.push(...page.items);
            cursor = page.nextCursor;
        } while (cursor && people.length < mostPeople);
        this.#people = this.#others(people);
        this.#isWhole = !cursor;
    }

    /**
     * Those whose name holds the text.
     * @param {string} text
     * @param {AbortSignal} signal
     * @returns {Promise<Found>}
     */
    async find(text, signal) {
        if (this.#isWhole || text === "") return this.search(text);
        const { items, nextCursor } = await this.#ask({ search: text }, signal);
        return { people: this.#others(items), isWhole: !nextCursor };
    }

    /**
     * Among those that are here.
     * @param {string} text
     * @returns {Found}
     */
    search(text) {
        const wanted = fold(text.trim());
        return { people: this.#people.filter(({ displayName }) => fold(displayName).includes(wanted)), isWhole: this.#isWhole };
    }

    /** @param {Colleague[]} people */
    #others(people) {
        return people.filter(({ account }) => account !== this.#own);
    }
}
