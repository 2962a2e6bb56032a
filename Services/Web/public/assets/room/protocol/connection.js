// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { closeCodes } from "../../lib/limits.js";
import { Line } from "../../lib/line.js";
import { endingOf, mayReconnect } from "./close-codes.js";
import { Detour } from "./detour.js";
import { Entering, isPassing } from "./entering.js";
import { EventOrder } from "./event-order.js";
import { length, newest, wholeEvent, wholeWelcome } from "./incoming.js";
import { Move } from "./move.js";
import { RequestError, Requests } from "./requests.js";
import { SilenceWatch } from "./silence.js";
import { defaultTimes } from "./times.js";

/**
 * @typedef {import("./observer.js").Ending} Ending
 * @typedef {import("./observer.js").ConnectionState} ConnectionState
 * @typedef {import("./observer.js").ConnectionOptions} ConnectionOptions
 */

/** Its process has told that it does not serve; others may. */
const cantServe = new Set([closeCodes.unavailable, closeCodes.seatLost]);

/**
 * The way to signaling. It comes back by itself into the same seat, goes over to another process when the one that
 * serves stops, hands on room events in order and without gaps, and says when there is nothing more to come back to.
 */
export class Connection {
    #options;
    #times;
    #backoff;
    #detour;
    #order = new EventOrder();
    #requests = new Requests();
    #entering;
    #move;
    #silence;
    /**
     * What serves.
     *
     * @type {Line | null}
     */
    #line = null;
    /**
     * What is to serve, as soon as it has its answer.
     *
     * @type {Line | null}
     */
    #next = null;
    /** Whether the seat was taken over from the line that served, as it seems by the next one. */
    #superseded = false;
    /** @type {ConnectionState} */
    #state = "idle";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #retryTimer;

    /** @param {ConnectionOptions} options */
    constructor(options) {
        const { random, hello, resumeToken = null, pass = null } = options;
        this.#options = options;
        this.#times = { ...defaultTimes, ...options.times };
        this.#detour = new Detour(options.url);
        this.#backoff = new Backoff({ random, longest: this.#times.longestPause });
        this.#entering = new Entering(hello, resumeToken, this.#order, pass);
        this.#move = new Move(() => this.#requests.size > 0, () => this.#attempt(), random);
        this.#silence = new SilenceWatch({
            limit: this.#times.silence, patience: this.#times.probe, lastHeard: () => this.#line?.lastHeard ?? Date.now(),
            ask: (timeout) => this.request("media.view", { slots: [] }, timeout),
            silent: () => {
                if (!this.#line) return;
                this.#detour.next();
                this.#lost(this.#line, 1006);
            },
        });
    }

    get state() {
        return this.#state;
    }

    /** With what one waits, so that a reload finds the place again. */
    get pass() {
        return this.#entering.pass;
    }

    /** Begins; from here on everything is told to the observer. */
    open() {
        this.#setState("connecting");
        this.#attempt();
    }

    /**
     * @param {string} type
     * @param {object} [body]
     * @param {number} [timeout] Milliseconds.
     * @returns {Promise<import("./requests.js").Reply>} Rejects with `RequestError`.
     */
    request(type, body = {}, timeout = this.#times.request) {
        if (this.#state !== "open") return Promise.reject(new RequestError("disconnected", "The connection is interrupted."));
        const { id, answer } = this.#requests.add(timeout);
        this.#line?.send({ type, id, ...body });
        return answer;
    }

    /** Gives the seat back, or the place in the line, and ends. */
    async leave() {
        // Also where the seat is just being taken up, in line or on a move: else nobody would give it back there.
        if (this.#next?.asked) this.#next.send({ type: "session.leave" });
        if (this.#state === "open") await this.request("session.leave", {}, 1500).catch(() => {});
        this.#end({ kind: "ended", reason: "left" });
    }

    /** The network is back, or the person asks for it: do not wait any longer, nor for an attempt that has not asked yet. */
    retryNow() {
        if (this.#state === "open") {
            void this.#silence.ask(2000);
        } else if (this.#state === "waiting") {
            // Closing a socket that works would give up the place: it has to be heard of soon.
            this.#next?.answered(this.#times.waiting / 2);
        } else if (this.#retryTimer !== undefined || (this.#state === "reconnecting" && this.#next?.asked === false)) {
            this.#attempt();
        }
    }

    #attempt() {
        clearTimeout(this.#retryTimer);
        this.#retryTimer = undefined;
        this.#next?.drop();
        this.#next = new Line({
            url: this.#detour.url, SocketClass: this.#options.WebSocketClass ?? WebSocket,
            patience: this.#entering.hasSeat ? this.#times.attemptWithSeat : this.#times.attempt,
            first: () => this.#entering.first(),
            heard: (line, message) => (line === this.#line ? this.#received(message) : this.#answered(line, message)),
            lost: (line, code) => this.#lost(line, code),
            failed: (_, error) => {
                if (this.#options.isPassing?.(error)) this.#retry(0);
                else this.#end({ kind: "failed", error });
            },
        });
    }

    /**
     * The answer to the first message.
     *
     * @param {Line} line
     * @param {any} message
     */
    #answered(line, message) {
        switch (message.type) {
            case "welcome":
                this.#serves(line, message.resumeToken);
                return this.#welcomed(message);
            case "resumed":
                this.#order.resume();
                this.#serves(line, message.resumeToken);
                return this.#options.observer.resumed(message);
            case "waiting":
                line.answered(this.#times.waiting);
                this.#backoff.reset();
                this.#setState("waiting");
                return this.#options.observer.waiting(message);
            case "refused":
                return this.#refused(message);
            default:
                // Newer servers may say more than this page knows.
        }
    }

    /**
     * From here on this line serves.
     *
     * @param {Line} line
     * @param {string} token
     */
    #serves(line, token) {
        line.answered();
        this.#detour.arrived();
        this.#move.stop();
        this.#line?.drop();
        this.#line = line;
        this.#next = null;
        this.#superseded = false;
        // What was asked over the former line may have been done or not; who asked knows what to do.
        this.#requests.abandon();
        this.#entering.entered(token);
        this.#backoff.reset();
        this.#silence.start();
        this.#setState("open");
    }

    /** @param {any} message */
    #received(message) {
        if (typeof message.re === "number") return this.#requests.settle(message);
        switch (message.type) {
            case "welcome":
                this.#entering.entered(message.resumeToken);
                return this.#welcomed(message);
            case "session.resync": return this.#order.suspend();
            case "session.drain": return this.#move.begin(message.delay);
            case "session.ended": return this.#sessionEnded(message.reason);
            case "lobby": return this.#options.observer.lobby?.(message.people);
            case "media.offer": case "media.slots": case "media.lost":
                return this.#options.observer.media(message);
            default:
                if (typeof message.seq === "number") this.#event(wholeEvent(message));
        }
    }

    /** @param {any} message */
    #welcomed(message) {
        const welcome = wholeWelcome(message);
        this.#order.start(welcome.epoch, welcome.seq);
        this.#options.observer.welcomed(welcome);
    }

    /** @param {import("./messages.js").RoomEvent} event */
    #event(event) {
        const news = this.#order.accept(event.seq, length(event));
        // The log of the room has what is missing: coming back with the last known position brings it.
        if (news === "gap") return this.#retry(0);
        if (news === 0) return;
        this.#options.observer.happened(newest(event, news));
        if (event.type === "meeting.ended") this.#end({ kind: "ended", reason: event.reason });
    }

    /** @param {import("./messages.js").EndReason} reason */
    #sessionEnded(reason) {
        if (reason !== "superseded" || !this.#takenOver()) this.#end({ kind: "ended", reason });
    }

    /** @returns {boolean} Whether it seems to be this page's: the answer of the next line is on its way, or was lost. */
    #takenOver() {
        if (!this.#next?.asked && !this.#move.mayHaveMoved) return false;
        this.#line?.drop();
        this.#line = null;
        if (!this.#next) this.#retry(0);
        this.#superseded = true;
        return true;
    }

    /** @param {import("./messages.js").Refusal} refusal */
    #refused({ code, message, retryAfter }) {
        const pause = (retryAfter ?? 0) * 1000;
        // That process may have lost its way to Redis, and others have not.
        if (code === "unavailable") this.#detour.next();
        this.#next?.drop();
        this.#next = null;
        if (this.#line) {
            // Nothing is lost: the line that serves goes on, and when it is closed there is another way.
            if (isPassing(code)) this.#move.again(pause, true);
            return;
        }
        if (this.#superseded && !isPassing(code)) return this.#end({ kind: "ended", reason: "superseded" });
        const verdict = this.#entering.refused(code);
        if (verdict === "end") this.#end({ kind: "refused", code, message, retryAfter });
        else this.#retry(verdict === "later" ? pause : 0);
    }

    /**
     * @param {Line} line
     * @param {number} code
     */
    #lost(line, code) {
        line.drop();
        const served = line === this.#line;
        if (served) this.#line = null;
        else this.#next = null;
        if (line.wasSilent || cantServe.has(code)) this.#detour.next();
        else if (!served) this.#detour.failed();
        if (this.#line) return this.#move.again(0, line.asked);
        if (served && code === closeCodes.superseded && this.#takenOver()) return;
        if (!mayReconnect(code)) return this.#end(endingOf(code));
        if (!this.#next) return this.#retry(0);
        // On its way to another process already: that is the way back, too.
        this.#interrupted();
    }

    /** @param {number} atLeast Milliseconds. */
    #retry(atLeast) {
        this.#dropAll();
        this.#interrupted();
        const longest = this.#entering.hasSeat ? this.#times.longestPause : Infinity;
        this.#retryTimer = setTimeout(() => this.#attempt(), Math.max(Math.min(atLeast, longest), this.#backoff.next()));
    }

    #interrupted() {
        this.#stopWatching();
        if (this.#state === "open") this.#setState("reconnecting");
        if (this.#state === "waiting") this.#setState("connecting");
    }

    /** @param {Ending} ending */
    #end(ending) {
        if (this.#state === "closed") return;
        this.#dropAll();
        this.#stopWatching();
        this.#setState("closed");
        this.#options.observer.ended(ending);
    }

    #stopWatching() {
        this.#silence.stop();
        this.#move.stop();
        this.#requests.abandon();
    }

    #dropAll() {
        this.#line?.drop();
        this.#next?.drop();
        this.#line = this.#next = null;
        clearTimeout(this.#retryTimer);
        this.#retryTimer = undefined;
    }

    /** @param {ConnectionState} state */
    #setState(state) {
        if (this.#state === state) return;
        this.#state = state;
        this.#options.observer.stateChanged(state);
    }
}
