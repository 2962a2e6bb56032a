// @ts-check

/**
 * What a reload needs to come back into the same seat. The token gives the seat to whoever holds it, so it is kept
 * for this tab only.
 *
 * @typedef {{ token: string, room: string, name: string, since: number }} Seat `since` is when the person entered, in
 *   milliseconds.
 * @typedef {{ pass: import("./entering.js").Pass, room: string, roomName: string, name: string }} Place Of who waits for a seat.
 */
export class SeatStore {
    #key;
    #placeKey;
    #storage;

    /**
     * @param {string} alias The room's alias.
     * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage `sessionStorage`, or null if blocked.
     */
    constructor(alias, storage) {
        this.#key = `parley.seat.${alias}`;
        this.#placeKey = `parley.place.${alias}`;
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

    /** @returns {Place | null} */
    loadPlace() {
        try {
            const place = JSON.parse(this.#storage?.getItem(this.#placeKey) ?? "null");
            const { ticket, key, uses } = place?.pass ?? {};
            const whole = [ticket, key, place?.room, place?.roomName, place?.name].every((text) => typeof text === "string");
            return whole && Number.isInteger(uses) ? place : null;
        } catch {
            return null;
        }
    }

    /** @param {Seat} seat */
    save(seat) {
        this.#keep(this.#key, seat);
        this.#remove(this.#placeKey);
    }

    /** @param {Place} place */
    savePlace(place) {
        this.#keep(this.#placeKey, place);
    }

    clear() {
        this.#remove(this.#key);
        this.#remove(this.#placeKey);
    }

    /**
     * @param {string} key
     * @param {object} value
     */
    #keep(key, value) {
        try {
            this.#storage?.setItem(key, JSON.stringify(value));
        } catch {
            // Without storage a reload shows the entrance again; everything else works.
        }
    }

    /** @param {string} key */
    #remove(key) {
        try {
            this.#storage?.removeItem(key);
        } catch {
            // Nothing was kept.
        }
    }
}
