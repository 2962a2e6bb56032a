// @ts-check

/**
 * The order of tiles. It is calm: people keep their places, and only somebody who speaks and can't be seen changes
 * places with the one on the first page who has been quiet for longest.
 */
export class TileOrder {
    /** @type {string[]} */
    #order = [];
    /** When somebody last spoke; larger is later. @type {Map<string, number>} */
    #spoke = new Map();
    #time = 0;

    /**
     * @param {string[]} present In the order of their arrival.
     * @returns {string[]}
     */
    update(present) {
        const here = new Set(present);
        const known = new Set(this.#order);
        this.#order = [...this.#order.filter((id) => here.has(id)), ...present.filter((id) => !known.has(id))];
        for (const id of this.#spoke.keys()) if (!here.has(id)) this.#spoke.delete(id);
        return this.#order;
    }

    /**
     * @param {Iterable<string>} speaking
     * @param {number} firstPage How many places the first page has.
     * @returns {boolean} Whether the order changed.
     */
    heard(speaking, firstPage) {
        this.#time += 1;
        for (const id of speaking) this.#spoke.set(id, this.#time);
        let changed = false;
        for (const id of speaking) {
            const from = this.#order.indexOf(id);
            const to = from >= firstPage ? this.#quietest(firstPage) : -1;
            if (to < 0) continue;
            this.#order[from] = this.#order[to] ?? id;
            this.#order[to] = id;
            changed = true;
        }
        return changed;
    }

    /** @param {number} firstPage @returns {number} -1 when all of them speak. */
    #quietest(firstPage) {
        let found = -1;
        let since = this.#time;
        for (const [place, id] of this.#order.slice(0, firstPage).entries()) {
            const spoke = this.#spoke.get(id) ?? 0;
            if (spoke < since) [found, since] = [place, spoke];
        }
        return found;
    }
}
