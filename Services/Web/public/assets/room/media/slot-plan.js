// @ts-check

/**
 * @typedef {import("../protocol/messages.js").MediaSlot} MediaSlot
 * @typedef {import("../protocol/messages.js").SlotWish} SlotWish
 * @typedef {{ participant: string, source: "camera" | "screen", layer: number }} Wanted
 */

/**
 * Which of the fixed slots shows whom. Somebody who is already in a slot stays there, because a move costs a key
 * frame, and only differences are asked for.
 */
export class SlotPlan {
    /**
     * What was asked for last, of each video and screen slot.
     *
     * @type {Map<string, Wanted | null>}
     */
    #asked = new Map();
    /**
     * Slots of which it is not known whether the server did what was asked.
     *
     * @type {Set<string>}
     */
    #doubtful = new Set();
    /** @type {Record<"camera" | "screen", string[]>} */
    #mids = { camera: [], screen: [] };

    /** @param {MediaSlot[]} slots */
    constructor(slots) {
        for (const { mid, kind } of slots) {
            if (kind === "audio") continue;
            this.#mids[kind === "screen" ? "screen" : "camera"].push(mid);
            this.#asked.set(mid, null);
        }
    }

    /**
     * The slot's content is not what was asked for: the next change asks again, in the same slot.
     *
     * @param {string} mid
     */
    doubt(mid) {
        if (this.#asked.has(mid)) this.#doubtful.add(mid);
    }

    /**
     * Whether somebody should be in the slot.
     *
     * @param {string} mid
     */
    isWanted(mid) {
        return Boolean(this.#asked.get(mid));
    }

    /** The server may have lost what was asked for. @returns {SlotWish[]} Everything, once more. */
    all() {
        return [...this.#asked].map(([mid, wanted]) => wish(mid, wanted));
    }

    /**
     * @param {Wanted[]} wanted Most important first.
     * @returns {SlotWish[]} What changes.
     */
    change(wanted) {
        return [...this.#changeOf("screen", wanted), ...this.#changeOf("camera", wanted)];
    }

    /**
     * @param {"camera" | "screen"} source
     * @param {Wanted[]} wanted
     * @returns {SlotWish[]}
     */
    #changeOf(source, wanted) {
        const mids = this.#mids[source];
        /** @type {Map<string, Wanted>} */
        const missing = new Map();
        for (const one of wanted) {
            if (one.source === source && missing.size < mids.length) missing.set(one.participant, one);
        }
        /** @type {Map<string, Wanted | null>} */
        const next = new Map();
        for (const mid of mids) {
            const stays = missing.get(this.#asked.get(mid)?.participant ?? "");
            if (!stays) continue;
            next.set(mid, stays);
            missing.delete(stays.participant);
        }
        const free = mids.filter((mid) => !next.has(mid)).sort((a, b) => this.#used(a) - this.#used(b));
        const newcomers = [...missing.values()];
        for (const mid of free) next.set(mid, newcomers.shift() ?? null);
        return mids.flatMap((mid) => this.#ask(mid, next.get(mid) ?? null));
    }

    /** @param {string} mid */
    #used(mid) {
        return this.#asked.get(mid) ? 1 : 0;
    }

    /**
     * @param {string} mid
     * @param {Wanted | null} wanted
     * @returns {SlotWish[]}
     */
    #ask(mid, wanted) {
        const before = this.#asked.get(mid) ?? null;
        const same = before?.participant === wanted?.participant && before?.layer === wanted?.layer;
        if (same && !this.#doubtful.delete(mid)) return [];
        this.#doubtful.delete(mid);
        this.#asked.set(mid, wanted);
        return [wish(mid, wanted)];
    }
}

/**
 * @param {string} mid
 * @param {Wanted | null} wanted
 * @returns {SlotWish}
 */
function wish(mid, wanted) {
    return wanted ? { mid, ...wanted } : { mid };
}
