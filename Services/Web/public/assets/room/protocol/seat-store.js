// @ts-check

/**
 * What a reload needs to come back into the same seat. The token gives the seat to whoever holds it, so it is kept
 * for this tab only.
 *
 * @typedef {{ token: string, room: string, name: string, since: number }} Seat `since` is when the person entered, in
 *   milliseconds.
 */
export class SeatStore {
    #key;
    #storage;

    /**
     * @param {string} alias The room's alias.
     * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage `sessionStorage`, or null if blocked.
     */
    constructor(alias, storage) {
        this.#key = `parley.seat.${alias}`;
        this.#storage = storage;
    }

    /** @returns {Seat | null} */
    load() {
        try {
            const seat = JSON.parse(this.#storage?.getItem(this.#key) ?? "null");
            const whole = typeof seat?.token === "string" && typeof seat.room === "string" && typeof seat.name === "string";
            if (!whole) return null;
            const since = typeof seat.since === "number" ? seat.since : Date.now();
            return { token: seat.token, room: seat.room, name: seat.name, since };
        } catch {
            return null;
        }
    }

    /** @param {Seat} seat */
    save(seat) {
        try {
            this.#storage?.setItem(this.#key, JSON.stringify(seat));
        } catch {
            // Without storage a reload shows the entrance again; everything else works.
        }
    }

    clear() {
        try {
            this.#storage?.removeItem(this.#key);
        } catch {
            // Nothing was kept.
        }
    }
}
