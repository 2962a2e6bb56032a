// @ts-check

const most = 9;

/**
 * Where to open the next socket. The gateway sends all of a room to one process, or to another one when that can't be reached.
 * When it takes sockets and is of no use, numbers lead to one process after the other: any can serve a seat.
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

    /** Who answered there can't serve, or nobody did. */
    next() {
        this.#number = (this.#number + 1) % (most + 1);
    }

    /** No socket could be opened there. The way without a number has others to fall back on; each number has one process only. */
    failed() {
        if (this.#number !== 0) this.next();
    }

    /** Somebody serves. When that ends, the process of the room is to be asked first: the others of the room are there. */
    arrived() {
        this.#number = 0;
    }
}
