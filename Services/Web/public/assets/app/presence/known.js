// @ts-check
// What is known of an organization's presence, and up to where. No I/O.

/** @typedef {import("../../lib/wire.js").SeenPresence} SeenPresence */
/** @typedef {import("../../lib/wire.js").PresenceView} PresenceView */
/** @typedef {import("../../lib/wire.js").OwnPresence} OwnPresence */

/** @typedef {{ manual: number, seen: number }} OwnMark How often each half of one's own presence was told. */

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
    /** @type {OwnMark} */
    #ownMark = { manual: 0, seen: 0 };

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

    get ownMark() {
        return this.#ownMark;
    }

    /**
     * @param {string} account
     * @returns {SeenPresence | null}
     */
    of(account) {
        return this.#isCurrent ? this.#views.get(account) ?? offline : null;
    }

    /**
     * It goes on where this page was, and what it missed follows; or all of it, for who was nowhere.
     * @param {{ own?: OwnPresence }} message
     */
    welcome({ own }) {
        if (this.#position) this.#isCurrent = true;
        if (own) this.putOwn(own);
    }

    /** @param {{ epoch: string, seq: number, items: PresenceView[] }} message */
    snapshot({ epoch, seq, items }) {
        this.#position = { epoch, seq };
        this.#isCurrent = true;
        this.#views = new Map(items.map(({ account, ...seen }) => [account, seen]));
        this.#see(this.#views.get(this.account) ?? offline);
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
        // Who is offline may have left words.
        if (seen.state === "offline" && !seen.text) this.#views.delete(account);
        else this.#views.set(account, seen);
        if (account === this.account) this.#see(seen);
        return account;
    }

    /** @param {OwnPresence} own */
    putOwn(own) {
        this.#own = own;
        this.#ownMark = { manual: this.#ownMark.manual + 1, seen: this.#ownMark.seen + 1 };
    }

    /**
     * The answer of a request: each half of it that was told by the stream meanwhile is older than that.
     * @param {OwnPresence} own
     * @param {OwnMark} mark of before the request
     */
    putAnswer(own, mark) {
        const manual = this.#own && this.#ownMark.manual !== mark.manual ? this.#own.manual : own.manual;
        const seen = this.#own && this.#ownMark.seen !== mark.seen ? this.#own.seen : own.seen;
        this.putOwn({ manual, seen });
    }

    outdate() {
        this.#isCurrent = false;
    }

    forgetPosition() {
        this.#position = null;
    }

    /** @param {SeenPresence} seen what colleagues see of oneself now */
    #see(seen) {
        if (!this.#own) return;
        this.#own = { ...this.#own, seen };
        this.#ownMark = { ...this.#ownMark, seen: this.#ownMark.seen + 1 };
    }
}
