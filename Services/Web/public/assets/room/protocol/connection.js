// @ts-check
import { Backoff } from "./backoff.js";
import { endReason, mayReconnect } from "./close-codes.js";
import { EventOrder } from "./event-order.js";
import { RequestError, Requests } from "./requests.js";

/**
 * Why the connection will not come back by itself.
 *
 * @typedef {{ kind: "refused", code: string, message: string, retryAfter?: number }
 *   | { kind: "ended", reason: import("./messages.js").EndReason }
 *   | { kind: "failed", error: unknown }} Ending
 *
 * @typedef {"idle" | "connecting" | "open" | "reconnecting" | "closed"} ConnectionState
 *
 * @typedef {object} Observer
 * @property {(state: ConnectionState) => void} stateChanged
 * @property {(welcome: import("./messages.js").Welcome) => void} welcomed
 * @property {(event: import("./messages.js").RoomEvent) => void} happened Each event once, in order.
 * @property {(message: import("./messages.js").MediaMessage) => void} media
 * @property {(ending: Ending) => void} ended
 *
 * @typedef {object} Options
 * @property {string} url
 * @property {Observer} observer
 * @property {(() => Promise<{ ticket: string, state?: object }>) | null} hello Fetches a fresh ticket. Null after a
 *   reload, when only the seat of before can be taken up again.
 * @property {string | null} [resumeToken]
 * @property {(error: unknown) => boolean} [isPassing] Whether an error of `hello` will pass by itself.
 * @property {{ new (url: string): WebSocket }} [WebSocketClass]
 * @property {() => number} [random]
 * @property {Partial<typeof defaultTimes>} [times]
 */

/** Milliseconds. */
const defaultTimes = {
    /** From the beginning of an attempt to `welcome`. */
    attempt: 15_000,
    request: 10_000,
    /** The server pings each 10 s, which a page can't see; so it asks by itself when nothing came for so long. */
    silence: 15_000,
    /** The answer to that question. */
    probe: 6_000,
};

/** Refusals that pass by themselves. */
const passing = new Set(["rebuilding", "unavailable", "internal_error", "too_many_requests"]);
const ticketAttempts = 3;

/**
 * The socket to signaling. It comes back by itself into the same seat, hands on room events in order and without
 * gaps, and says when there is nothing more to come back to.
 */
export class Connection {
    #options;
    #times;
    #backoff;
    #order = new EventOrder();
    #requests = new Requests();
    /** @type {WebSocket | null} */
    #socket = null;
    /** @type {string | null} */
    #token;
    /** @type {ConnectionState} */
    #state = "idle";
    /** Counts attempts, so that what belongs to an older one is known. */
    #generation = 0;
    #ticketRefusals = 0;
    #lastHeard = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #attemptTimer;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #retryTimer;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #silenceTimer;

    /** @param {Options} options */
    constructor(options) {
        this.#options = options;
        this.#times = { ...defaultTimes, ...options.times };
        this.#backoff = new Backoff({ random: options.random });
        this.#token = options.resumeToken ?? null;
    }

    get state() {
        return this.#state;
    }

    /** Begins; from here on everything is told to the observer. */
    open() {
        this.#setState("connecting");
        void this.#attempt();
    }

    /**
     * @param {string} type
     * @param {object} [body]
     * @param {number} [timeout] Milliseconds.
     * @returns {Promise<import("./requests.js").Reply>} Rejects with `RequestError`.
     */
    request(type, body = {}, timeout = this.#times.request) {
        if (this.#state !== "open") {
            return Promise.reject(new RequestError("disconnected", "The connection is interrupted."));
        }
        const { id, answer } = this.#requests.add(timeout);
        this.#transmit({ type, id, ...body });
        return answer;
    }

    /**
     * Sends without wanting an answer. Lost when the connection is interrupted.
     *
     * @param {string} type
     * @param {object} [body]
     */
    notify(type, body = {}) {
        if (this.#state === "open") this.#transmit({ type, ...body });
    }

    /** Gives the seat back and ends. */
    async leave() {
        if (this.#state === "open") {
            await this.request("session.leave", {}, 1500).catch(() => {});
        }
        this.#end({ kind: "ended", reason: "left" });
    }

    /** The network is back, or the person asks for it: do not wait any longer. */
    retryNow() {
        if (this.#state === "open") {
            void this.#probe(2000);
        } else if (this.#retryTimer !== undefined) {
            clearTimeout(this.#retryTimer);
            this.#retryTimer = undefined;
            void this.#attempt();
        }
    }

    async #attempt() {
        const generation = ++this.#generation;
        clearTimeout(this.#attemptTimer);
        this.#attemptTimer = setTimeout(() => this.#broken(1006), this.#times.attempt);
        let first;
        try {
            first = await this.#firstMessage();
        } catch (error) {
            if (generation !== this.#generation) return;
            if (this.#options.isPassing?.(error)) this.#broken(1006);
            else this.#end({ kind: "failed", error });
            return;
        }
        if (generation === this.#generation && this.#state !== "closed") this.#connect(first);
    }

    async #firstMessage() {
        if (this.#token !== null) {
            const { epoch, seq } = this.#order;
            return { type: "resume", token: this.#token, ...(epoch === null ? {} : { epoch, seq }) };
        }
        if (!this.#options.hello) throw new RequestError("gone", "The seat is gone.");
        return { type: "hello", ...(await this.#options.hello()) };
    }

    /** @param {object} first */
    #connect(first) {
        const SocketClass = this.#options.WebSocketClass ?? WebSocket;
        const socket = new SocketClass(this.#options.url);
        this.#socket = socket;
        socket.onopen = () => this.#transmit(first);
        socket.onmessage = (event) => this.#received(event.data);
        socket.onclose = (event) => this.#broken(event.code);
    }

    /** @param {object} message */
    #transmit(message) {
        this.#socket?.send(JSON.stringify(message));
    }

    /** @param {unknown} data */
    #received(data) {
        this.#lastHeard = Date.now();
        let message;
        try {
            message = JSON.parse(String(data));
        } catch {
            return;
        }
        if (typeof message.re === "number") this.#requests.settle(message);
        else if (typeof message.seq === "number" && message.type !== "welcome") this.#event(message);
        else this.#control(message);
    }

    /** @param {any} message */
    #control(message) {
        switch (message.type) {
            case "welcome": return this.#welcomed(message);
            case "refused": return this.#refused(message);
            case "session.resync": return this.#order.suspend();
            case "session.ended": return this.#end({ kind: "ended", reason: message.reason });
            case "media.offer":
            case "media.slots":
            case "media.lost":
                return this.#options.observer.media(message);
            default:
                // Newer servers may say more than this page knows.
        }
    }

    /** @param {import("./messages.js").Welcome} welcome */
    #welcomed(welcome) {
        clearTimeout(this.#attemptTimer);
        this.#token = welcome.resumeToken;
        this.#order.start(welcome.epoch, welcome.seq);
        this.#backoff.reset();
        this.#ticketRefusals = 0;
        this.#setState("open");
        this.#watchSilence();
        this.#options.observer.welcomed(welcome);
    }

    /** @param {import("./messages.js").RoomEvent} event */
    #event(event) {
        const verdict = this.#order.accept(event.seq);
        if (verdict === "take") this.#options.observer.happened(event);
        // The log of the room has what is missing: coming back with the last known position brings it.
        else if (verdict === "gap") this.#broken(1006);
    }

    /** @param {import("./messages.js").Refusal} refusal */
    #refused({ code, message, retryAfter }) {
        if (passing.has(code)) return this.#retry((retryAfter ?? 0) * 1000);
        if (this.#token !== null) {
            this.#token = null;
            if (this.#options.hello) return this.#retry(0);
        } else if (code === "ticket_invalid" && ++this.#ticketRefusals < ticketAttempts) {
            return this.#retry(0);
        }
        this.#end({ kind: "refused", code, message, retryAfter });
    }

    /** @param {number} code The close code, or 1006 when the page gave up on the socket. */
    #broken(code) {
        if (this.#state === "closed") return;
        if (mayReconnect(code)) return this.#retry(0);
        const reason = endReason(code);
        if (reason) this.#end({ kind: "ended", reason });
        else this.#end({ kind: "refused", code: "internal_error", message: `The connection was closed (${code}).` });
    }

    /** @param {number} atLeast Milliseconds. */
    #retry(atLeast) {
        this.#abandonSocket();
        if (this.#state === "open") this.#setState("reconnecting");
        clearTimeout(this.#retryTimer);
        this.#retryTimer = setTimeout(() => {
            this.#retryTimer = undefined;
            void this.#attempt();
        }, Math.max(atLeast, this.#backoff.next()));
    }

    /** @param {Ending} ending */
    #end(ending) {
        if (this.#state === "closed") return;
        this.#abandonSocket();
        clearTimeout(this.#retryTimer);
        this.#retryTimer = undefined;
        this.#setState("closed");
        this.#options.observer.ended(ending);
    }

    /** Without waiting for its close event: on a dead network that takes minutes. */
    #abandonSocket() {
        this.#generation += 1;
        clearTimeout(this.#attemptTimer);
        clearTimeout(this.#silenceTimer);
        const socket = this.#socket;
        this.#socket = null;
        if (socket) {
            socket.onopen = socket.onmessage = socket.onclose = null;
            socket.close();
        }
        this.#requests.abandon();
    }

    #watchSilence() {
        clearTimeout(this.#silenceTimer);
        this.#lastHeard = Date.now();
        const check = () => {
            const quiet = Date.now() - this.#lastHeard;
            if (quiet >= this.#times.silence) void this.#probe(this.#times.probe);
            this.#silenceTimer = setTimeout(check, Math.max(1000, this.#times.silence - quiet));
        };
        this.#silenceTimer = setTimeout(check, this.#times.silence);
    }

    /**
     * Asks for nothing, to see whether anybody is there. Any answer will do, also an error.
     *
     * @param {number} timeout Milliseconds.
     */
    async #probe(timeout) {
        const generation = this.#generation;
        try {
            await this.request("media.view", { slots: [] }, timeout);
        } catch (error) {
            const silent = error instanceof RequestError && error.code === "timeout";
            if (silent && generation === this.#generation) this.#broken(1006);
        }
    }

    /** @param {ConnectionState} state */
    #setState(state) {
        if (this.#state === state) return;
        this.#state = state;
        this.#options.observer.stateChanged(state);
    }
}
