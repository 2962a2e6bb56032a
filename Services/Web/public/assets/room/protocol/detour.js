// @ts-check

const most = 9;

/**
 * Where to open the next socket. The gateway sends all of a room to one process. When that does not answer, numbers lead to one
 * process after the other: any can serve a seat.
 */
export class Detour {
    #url;
    #number = 0;

    /** @param {string} url */
    constructor(url) {
        this.#url = url;
    }

    get url() {
        return this.#number === 0 ? this.#url : `${this.#url}?n=${this.#number}`;
    }

    /** Nobody answered there. */
    next() {
        this.#number = (this.#number % most) + 1;
    }
}
