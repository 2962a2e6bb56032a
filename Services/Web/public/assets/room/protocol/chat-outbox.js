// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { randomKey } from "../../lib/random-key.js";
import { RequestError } from "./requests.js";

/**
 * @typedef {object} Outgoing
 * @property {string} key With the same key the same message arrives once, however often it is sent.
 * @property {string} text
 * @property {boolean} sent Whether its answer is waited for.
 * @property {boolean} failed Refused: the person decides whether to send it again.
 * @property {number | null} seq Its number, as soon as the server has told it.
 * @property {number} since When it was sent first, or again by the person, or when the connection was back, in milliseconds.
 */

/** Milliseconds in which one that can't be taken now is sent again by itself. */
const patience = 120_000;
/** Why it can't be taken now, without a fault of its own. */
const passing = new Set(["unavailable", "rebuilding", "timeout", "too_many_requests"]);

/**
 * Chat messages on their way. The answer tells the number of a message, and the message itself comes back with those
 * of the others, before its answer or after it.
 */
export class ChatOutbox {
    /** @type {Outgoing[]} */
    #outgoing = [];
    /**
     * One's own messages that came back before their answers: number → text.
     *
     * @type {Map<number, string>}
     */
    #early = new Map();
    /** Up to this number everything has come back. */
    #position = 0;
    /** @type {string | null} */
    #epoch = null;
    #backoff = new Backoff({ first: 1000 });
    /** Until the connection is back, or the server may take it, nothing is sent, so that the order is kept. */
    #paused = false;
    /** Counts how often the connection was back. */
    #round = 0;
    /** Whether messages go out one after the other. */
    #isSending = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #request;
    #changed;

    /**
     * @param {(type: string, body: object) => Promise<{ seq?: number }>} request
     * @param {() => void} changed
     */
    constructor(request, changed) {
        this.#request = request;
        this.#changed = changed;
    }

    /**
     * What can't be seen among the messages of all, oldest first. One that came back is taken for the oldest with its
     * text; when it was another one, its answer says so.
     */
    get outgoing() {
        const early = [...this.#early.values()];
        return this.#outgoing.filter(({ text, failed, seq }) => {
            const place = failed || seq !== null ? -1 : early.indexOf(text);
            if (place >= 0) early.splice(place, 1);
            return place < 0;
        });
    }

    /** @param {string} text */
    send(text) {
        /** @type {Outgoing} */
        const message = { key: randomKey(), text, sent: false, failed: false, seq: null, since: Date.now() };
        this.#outgoing.push(message);
        this.#changed();
        if (!this.#paused && !this.#isSending) void this.#deliver(message);
    }

    /** The connection is back: what has no answer is sent again. */
    resend() {
        this.#round += 1;
        for (const message of this.#outgoing) message.since = Date.now();
        this.#goOn();
    }

    /** The person wants to send again what was refused. */
    retry() {
        for (const message of this.#outgoing) {
            if (!message.failed) continue;
            message.since = Date.now();
            message.failed = false;
        }
        this.#changed();
        void this.#sendAll();
    }

    /**
     * One's own message came back with the others'.
     *
     * @param {number} seq
     * @param {string} text
     */
    arrived(seq, text) {
        this.#position = Math.max(this.#position, seq);
        const answered = this.#outgoing.find((message) => message.seq === seq);
        if (answered) this.#remove(answered);
        else if (this.#outgoing.length > 0) this.#early.set(seq, text);
    }

    /**
     * A snapshot has come, with everything up to this number.
     *
     * @param {number} seq
     * @param {boolean} sameSeat Whether messages that are sent again are known by their keys.
     * @param {string} epoch With another one numbers begin anew.
     */
    reset(seq, sameSeat, epoch) {
        this.#position = seq;
        this.#outgoing = (sameSeat ? this.#outgoing : this.outgoing).filter((message) => message.seq === null);
        if (!sameSeat || epoch !== this.#epoch) this.#early.clear();
        this.#epoch = epoch;
    }

    #goOn() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#paused = false;
        void this.#sendAll();
    }

    /** One after the other: the server takes a few at once only. */
    async #sendAll() {
        if (this.#isSending) return;
        this.#isSending = true;
        for (let message = this.#due(); message; message = this.#due()) await this.#deliver(message);
        this.#isSending = false;
    }

    #due() {
        return this.#paused ? undefined : this.#outgoing.find(({ sent, failed, seq }) => !sent && !failed && seq === null);
    }

    /** @param {Outgoing} message */
    async #deliver(message) {
        const round = this.#round;
        message.sent = true;
        try {
            const { seq = 0 } = await this.#request("chat.send", { text: message.text, key: message.key });
            this.#backoff.reset();
            message.sent = false;
            message.seq = seq;
            this.#early.delete(seq);
            // Otherwise it is about to come back.
            if (seq <= this.#position) this.#remove(message);
        } catch (error) {
            message.sent = false;
            const { code, retryAfter = 0 } = error instanceof RequestError ? error : new RequestError("", "");
            if (code === "disconnected") this.#interrupted(round);
            else this.#refused(message, code, retryAfter);
        }
        this.#changed();
    }

    /** @param {number} round When what was interrupted was sent. */
    #interrupted(round) {
        if (round === this.#round) this.#paused = true;
        // The connection was back before this was told.
        else void this.#sendAll();
    }

    /**
     * @param {Outgoing} message
     * @param {string} code
     * @param {number} retryAfter Seconds.
     */
    #refused(message, code, retryAfter) {
        message.failed = !passing.has(code) || Date.now() - message.since > patience;
        if (message.failed) return;
        this.#paused = true;
        this.#timer ??= setTimeout(() => this.#goOn(), Math.max(retryAfter * 1000, this.#backoff.next()));
    }

    /** @param {Outgoing} message */
    #remove(message) {
        this.#outgoing = this.#outgoing.filter((other) => other !== message);
        if (this.#outgoing.length === 0) this.#early.clear();
    }
}
