// @ts-check
// What is known of an organization's presence, and up to where. No I/O.

/** @typedef {import("../../lib/wire.js").SeenPresence} SeenPresence */
/** @typedef {import("../../lib/wire.js").PresenceView} PresenceView */
/** @typedef {import("../../lib/wire.js").OwnPresence} OwnPresence */

/** Of who is not among those that are told of. */
const offline = Object.freeze(/** @type {SeenPresence} */ ({ state: "offline" }));

export class KnownPresence {
    /** @type {Map<string, SeenPresence>} */
    #views = new Map();
    /** @type {{ epoch: string, seq: number } | null} */
    #position = null;
    /** @type {OwnPresence | null} */
    #own = null;
    #isCurrent = false;
    #ownVersion = 0;

    /** @param {string} account one's own */
    constructor(account) {
        this.account = account;
    }

    /** Whether what is known holds now, as far as one can tell. */
    get isCurrent() {
        return this.#isCurrent;
    }

    /** From where to go on; `null` when everything is needed. */
    get position() {
        return this.#position;
    }

    get own() {
        return this.#own;
    }

    get ownVersion() {
        return this.#ownVersion;
    }

    /**
     * @param {string} account
     * @returns {SeenPresence | null}
     */
    of(account) {
        return this.#isCurrent ? this.#views.get(account) ?? offline : null;
    }

    /**
     * @param {{ epoch: string, seq: number, items?: PresenceView[], own?: OwnPresence }} message
     * @returns {null} everybody's may be another
     */
    welcome({ epoch, seq, items, own }) {
        if (items) this.#begin(epoch, seq, items);
        // Without people it goes on where this page was, and what it missed follows; or all of it, for who was nowhere.
        else if (this.#position) this.#isCurrent = true;
        if (own) this.putOwn(own);
        return null;
    }

    /**
     * @param {{ epoch: string, seq: number, items: PresenceView[] }} message
     * @returns {null}
     */
    snapshot({ epoch, seq, items }) {
        this.#begin(epoch, seq, items);
        const own = this.#views.get(this.account);
        if (own) this.#see(own);
        return null;
    }

    /**
     * @param {{ epoch: string, seq: number, view: PresenceView }} message
     * @returns {string | "gap" | undefined} whose presence is another; nothing for what was known already
     */
    change({ epoch, seq, view }) {
        if (!this.#position || epoch !== this.#position.epoch) return "gap";
        if (seq <= this.#position.seq) return undefined;
        if (seq > this.#position.seq + 1) return "gap";
        this.#position = { epoch, seq };
        const { account, ...seen } = view;
        if (seen.state === "offline" && !seen.text) this.#views.delete(account);
        else this.#views.set(account, seen);
        if (account === this.account) this.#see(seen);
        return account;
    }

    /** @param {OwnPresence} own */
    putOwn(own) {
        this.#own = own;
        this.#ownVersion += 1;
    }

    outdate() {
        this.#isCurrent = false;
    }

    forgetPosition() {
        this.#position = null;
    }

    /**
     * @param {string} epoch
     * @param {number} seq
     * @param {PresenceView[]} items
     */
    #begin(epoch, seq, items) {
        this.#position = { epoch, seq };
        this.#isCurrent = true;
        this.#views = new Map(items.map(({ account, ...seen }) => [account, seen]));
    }

    /** @param {SeenPresence} seen what colleagues see of oneself now */
    #see(seen) {
        if (this.#own) this.#own = { ...this.#own, seen };
    }
}
