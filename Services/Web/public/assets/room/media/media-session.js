// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { Publisher } from "./publisher.js";
import { SlotPlan } from "./slot-plan.js";
import { levelsOf, receivedStats, sentStats } from "./stats.js";
import { Subscriber } from "./subscriber.js";

/** Milliseconds: wishes of one moment go into one request. */
const viewDelay = 100;
/** Milliseconds until a slot that became empty, or a refused wish, is asked for again. */
const askAgainDelay = 1000;

/**
 * @typedef {import("./publisher.js").Tracks} Tracks
 * @typedef {import("./slot-plan.js").Wanted} Wanted
 *
 * @typedef {object} MediaSessionOptions
 * @property {import("../protocol/connection.js").Connection} connection
 * @property {import("./audio-outlets.js").AudioOutlets} outlets
 * @property {() => Tracks} tracks What is on now.
 * @property {() => void} changed Pictures moved.
 */

/**
 * Both media connections of one person. Each is built anew by itself when it is lost, with jitter.
 */
export class MediaSession {
    #options;
    /** @type {import("../protocol/messages.js").ICEServer[]} */
    #iceServers = [];
    /** @type {Publisher | null} */
    #publisher = null;
    /** @type {Subscriber | null} */
    #subscriber = null;
    /** @type {SlotPlan | null} */
    #plan = null;
    /** @type {Wanted[]} */
    #wanted = [];
    #backoffs = { send: new Backoff({ first: 500, longest: 10_000 }), receive: new Backoff({ first: 500, longest: 10_000 }) };
    /** @type {Record<"send" | "receive" | "view", ReturnType<typeof setTimeout> | undefined>} */
    #timers = { send: undefined, receive: undefined, view: undefined };
    #viewDue = 0;
    /**
     * Contents of slots that were told before the offer with these slots.
     *
     * @type {import("../protocol/messages.js").SlotContent[]}
     */
    #early = [];
    /** Whether an offer for a new receiving connection was asked for. */
    #awaitsOffer = false;
    /** Counts attempts to receive: what comes of an earlier one changes nothing. */
    #attempt = 0;
    #sentBefore = false;
    #closed = false;

    /** @param {MediaSessionOptions} options */
    constructor(options) {
        this.#options = options;
    }

    /**
     * The socket is open, for the first time or again. What works in the seat of before is kept; what was being agreed on
     * when the socket broke is begun anew.
     *
     * @param {{ iceServers: import("../protocol/messages.js").ICEServer[], resumed: boolean }} entry
     */
    goOn({ iceServers, resumed }) {
        this.#iceServers = iceServers;
        this.#sentBefore ||= resumed;
        if (resumed && this.#publisher?.lasts) this.#publisher.check();
        else this.#schedule("send", 0);
        if (!resumed || this.#awaitsOffer || !this.#subscriber?.lasts) return this.#schedule("receive", 0);
        this.#subscriber.check();
        if (this.#plan) void this.#ask(this.#plan.all());
    }

    /** @param {import("../protocol/messages.js").MediaMessage} message */
    handle(message) {
        switch (message.type) {
            case "media.offer": return void this.#offered(message);
            case "media.slots": return this.#placed(message.slots);
            case "media.lost": return this.#rebuild(message.delay);
        }
    }

    /** @param {Wanted[]} wanted What the page shows, most important first. */
    want(wanted) {
        if (this.#closed) return;
        this.#wanted = wanted;
        this.#scheduleView(viewDelay);
    }

    /**
     * @param {import("../protocol/messages.js").MediaSource} source
     * @param {MediaStreamTrack | null} track
     */
    async setTrack(source, track) {
        await this.#publisher?.setTrack(source, track);
    }

    /**
     * @param {string} participant
     * @param {"camera" | "screen"} source
     */
    stream(participant, source) {
        return this.#subscriber?.stream(participant, source) ?? null;
    }

    /** @returns {Promise<Map<string, number>>} How loud the others are now. */
    async levels() {
        return levelsOf(await this.#received());
    }

    async stats() {
        const sent = (await this.#publisher?.stats()) ?? null;
        return { publisher: sentStats(sent), subscriber: await this.#received() };
    }

    async #received() {
        const report = (await this.#subscriber?.stats()) ?? null;
        return receivedStats(report, (mid) => this.#subscriber?.content(mid));
    }

    close() {
        this.#closed = true;
        this.pause();
    }

    /** There is no seat: nothing is sent and nobody is heard until `goOn`. */
    pause() {
        for (const timer of Object.values(this.#timers)) clearTimeout(timer);
        this.#timers.view = undefined;
        this.#awaitsOffer = false;
        this.#attempt += 1;
        this.#publisher?.close();
        this.#publisher = null;
        this.#closeSubscriber();
    }

    /**
     * The server has lost both connections. What still comes over them is shown until the new ones are built.
     *
     * @param {number} delay Milliseconds; the server gives each another, so that fifty people do not call in one instant.
     */
    #rebuild(delay) {
        this.#publisher?.giveUp();
        this.#subscriber?.giveUp();
        this.#plan = null;
        this.#awaitsOffer = false;
        this.#attempt += 1;
        this.#schedule("send", delay);
        this.#schedule("receive", delay);
    }

    /**
     * @param {"send" | "receive"} what
     * @param {number} [delay] Milliseconds.
     */
    #schedule(what, delay = this.#backoffs[what].next()) {
        clearTimeout(this.#timers[what]);
        this.#timers[what] = setTimeout(() => void (what === "send" ? this.#send() : this.#receive()), delay);
    }

    async #send() {
        const { connection, tracks } = this.#options;
        if (this.#closed || connection.state !== "open") return;
        this.#publisher?.close();
        const publisher = new Publisher({
            connection, iceServers: this.#iceServers, connected: () => this.#backoffs.send.reset(), lost: () => this.#schedule("send"),
        }, tracks());
        this.#publisher = publisher;
        try {
            if (this.#sentBefore) await connection.request("media.unpublish").catch(() => {});
            this.#sentBefore = true;
            await publisher.start();
        } catch (error) {
            this.#retry(error, publisher === this.#publisher, "send");
        }
    }

    async #receive() {
        const { connection } = this.#options;
        if (this.#closed || connection.state !== "open") return;
        this.#closeSubscriber();
        this.#awaitsOffer = true;
        this.#attempt += 1;
        const attempt = this.#attempt;
        try {
            await connection.request("media.subscribe", {}, 20_000);
            if (attempt !== this.#attempt) return;
            // The offer follows; when it does not, ask again.
            clearTimeout(this.#timers.receive);
            if (this.#awaitsOffer) this.#schedule("receive", 10_000);
        } catch (error) {
            this.#retry(error, attempt === this.#attempt, "receive");
        }
    }

    /**
     * @param {unknown} error
     * @param {boolean} current Whether what failed is still wanted.
     * @param {"send" | "receive"} what
     */
    #retry(error, current, what) {
        // After an interruption `goOn` decides.
        if (this.#closed || !current || this.#options.connection.state !== "open") return;
        const seconds = /** @type {{ retryAfter?: number }} */ (error).retryAfter ?? 0;
        this.#schedule(what, Math.max(seconds * 1000, this.#backoffs[what].next()));
    }

    /** @param {import("../protocol/messages.js").MediaOffer} offer */
    async #offered(offer) {
        if (this.#closed) return;
        if (this.#awaitsOffer) {
            this.#awaitsOffer = false;
            clearTimeout(this.#timers.receive);
            this.#subscriber = this.#createSubscriber();
            this.#placed(this.#early.splice(0));
        }
        const subscriber = this.#subscriber;
        if (!subscriber) return;
        try {
            await subscriber.answer(offer);
            if (subscriber !== this.#subscriber) return;
            this.#plan ??= new SlotPlan(offer.slots);
            this.#scheduleView(0);
        } catch (error) {
            this.#retry(error, subscriber === this.#subscriber, "receive");
        }
    }

    #createSubscriber() {
        const { connection, outlets, changed } = this.#options;
        return new Subscriber({
            connection, iceServers: this.#iceServers, connected: () => this.#backoffs.receive.reset(), lost: () => this.#schedule("receive"),
        }, outlets, changed);
    }

    #closeSubscriber() {
        this.#subscriber?.close();
        this.#subscriber = null;
        this.#plan = null;
        this.#early = [];
    }

    /** @param {import("../protocol/messages.js").SlotContent[]} contents */
    #placed(contents) {
        if (!this.#subscriber) {
            this.#early.push(...contents);
            return;
        }
        this.#subscriber.place(contents);
        const emptied = contents.filter(({ mid, participant }) => !participant && this.#plan?.isWanted(mid));
        if (emptied.length > 0) setTimeout(() => this.#askForEmpty(emptied), askAgainDelay);
    }

    /**
     * Wishes cross what the server says on the way, so an empty slot counts only when it stays empty.
     *
     * @param {import("../protocol/messages.js").SlotContent[]} emptied
     */
    #askForEmpty(emptied) {
        for (const { mid } of emptied) {
            if (!this.#subscriber?.content(mid)) this.#plan?.doubt(mid);
        }
        this.#scheduleView(0);
    }

    /**
     * An earlier time that is already set stays, so that wishes which come without pause do not wait for ever.
     *
     * @param {number} delay Milliseconds.
     */
    #scheduleView(delay) {
        const due = performance.now() + delay;
        if (this.#timers.view !== undefined && this.#viewDue <= due) return;
        clearTimeout(this.#timers.view);
        this.#viewDue = due;
        this.#timers.view = setTimeout(() => {
            this.#timers.view = undefined;
            if (this.#plan) this.#ask(this.#plan.change(this.#wanted));
        }, delay);
    }

    /** @param {import("../protocol/messages.js").SlotWish[]} slots */
    async #ask(slots) {
        // When the socket is back, everything is asked for.
        if (slots.length === 0 || this.#options.connection.state !== "open") return;
        const plan = this.#plan;
        try {
            await this.#options.connection.request("media.view", { slots });
        } catch {
            // One who just left makes the whole request fail: ask anew for who is still there.
            if (plan !== this.#plan || this.#closed) return;
            for (const { mid } of slots) plan?.doubt(mid);
            this.#scheduleView(askAgainDelay);
        }
    }
}
