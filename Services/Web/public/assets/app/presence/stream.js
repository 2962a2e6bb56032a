// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { closeCodes, mayReconnect } from "../../lib/limits.js";
import { Line } from "../../lib/line.js";
import { ApiError } from "../../lib/problems.js";
import { Timer } from "../../lib/timer.js";
import { KnownPresence } from "./known.js";
import { PresenceEvent } from "./presence-event.js";

/**
 * @typedef {object} StreamTimes Milliseconds.
 * @property {number} attempt Until there must be a welcome.
 * @property {number} longestPause Between two attempts.
 * @property {number} unknown After so long without connection nothing is known of anybody.
 * @property {number} silence After so long without a word it is asked whether anybody is there.
 * @property {number} probe Until there must be an answer to that.
 * @property {number} steady A connection that lasts so long is a good one: the next break is the first again.
 */
/** @type {StreamTimes} */
export const defaultTimes = Object.freeze({ attempt: 10_000, longestPause: 5000, unknown: 5000, silence: 30_000, probe: 5000, steady: 10_000 });

/** Refusals that pass by themselves. */
const passing = new Set(["unavailable", "too_many_requests", "rebuilding", "internal_error"]);
/** So many new tokens are tried in a row. */
const mostTokens = 3;

/**
 * @typedef {object} StreamOptions
 * @property {() => string} url
 * @property {() => Promise<string>} token an access token
 * @property {() => void} forgetToken the next token is to be a new one
 * @property {import("./device.js").DeviceID} device
 * @property {{ new (url: string): WebSocket }} [SocketClass]
 * @property {() => number} [random] 0 to 1
 * @property {Partial<StreamTimes>} [times]
 */

/**
 * What presence tells of one's organization, as long as somebody is signed in. It comes back by itself after every break and
 * then asks for what it has missed. Tells with `PresenceEvent` whose presence is another now, and with the event `own` that
 * one's own is.
 */
export class PresenceStream extends EventTarget {
    #options;
    #times;
    #backoff;
    #known = new KnownPresence("");
    /** @type {Line | null} */
    #line = null;
    #isWelcome = false;
    #isActive = false;
    /** What the server was told last. */
    #saidActive = false;
    #isRunning = false;
    #refusedTokens = 0;
    /** To the next attempt. */
    #retry = new Timer();
    /** Until what is known is shown no more. */
    #unknown = new Timer();
    /** Until the connection is a good one. */
    #steady = new Timer();
    /** Until somebody must have said something. */
    #silence = new Timer();

    /** @param {StreamOptions} options */
    constructor(options) {
        super();
        this.#options = options;
        this.#times = { ...defaultTimes, ...options.times };
        this.#backoff = new Backoff({ random: options.random, longest: this.#times.longestPause });
    }

    /** Whether it has just begun to look for a connection: too early to say that there is none. */
    get isConnecting() {
        return this.#isRunning && this.#unknown.isSet;
    }

    /** Whether what is known of colleagues may be shown. */
    get isKnown() {
        return this.#known.isCurrent;
    }

    /**
     * @param {string} account
     * @returns {import("./known.js").SeenPresence | null} `null` while nothing is known
     */
    of(account) {
        return this.#known.of(account);
    }

    /** @returns {import("../../lib/wire.js").OwnPresence | null} `null` while it is not known */
    get own() {
        return this.#known.own;
    }

    /** Rises with each word of one's own presence. */
    get ownVersion() {
        return this.#known.ownVersion;
    }

    /**
     * Begins, for this person; goes on when it has begun for them.
     * @param {string} account
     */
    start(account) {
        if (this.#isRunning && account === this.#known.account) return;
        this.stop();
        this.#known = new KnownPresence(account);
        this.#isRunning = true;
        this.#forgetSoon();
        this.#attempt();
    }

    /** Nobody is signed in any more. */
    stop() {
        this.#isRunning = false;
        this.#drop();
        this.#retry.stop();
        this.#unknown.stop();
        this.#backoff.reset();
        this.#refusedTokens = 0;
        this.#known = new KnownPresence("");
        this.#tell(null);
    }

    /** The page is put aside: others see within seconds whether somebody comes after it. What is known stays, for the way back. */
    pause() {
        this.#drop();
        this.#retry.stop();
    }

    /** @param {boolean} isActive whether the device is used */
    setActive(isActive) {
        this.#isActive = isActive;
        if (this.#isWelcome) this.#sayActive();
    }

    /** The network is back, or somebody looks at the page again: do not wait any longer, and do not trust the quiet. */
    wake() {
        if (!this.#isRunning) return;
        if (this.#isWelcome) this.#probe();
        else if (!this.#line?.asked) this.#attempt();
    }

    /**
     * The answer to a change of what was set by hand.
     * @param {import("../../lib/wire.js").OwnPresence} own
     */
    putOwn(own) {
        this.#known.putOwn(own);
        this.#tell(this.#known.account);
    }

    #sayActive() {
        if (this.#isActive === this.#saidActive) return;
        this.#saidActive = this.#isActive;
        this.#line?.send({ type: "activity", active: this.#isActive });
    }

    #attempt() {
        this.#drop();
        this.#retry.stop();
        const { url, token, device, SocketClass = WebSocket } = this.#options;
        this.#line = new Line({
            url: url(),
            SocketClass,
            patience: this.#times.attempt,
            first: async () => this.#hello(await token(), device.value),
            heard: (line, message) => this.#heard(line, message),
            lost: (_, code) => this.#lost(code),
            failed: (_, error) => this.#hasNoToken(error),
        });
    }

    /**
     * @param {string} token
     * @param {string} device
     */
    #hello(token, device) {
        this.#saidActive = this.#isActive;
        return { type: "hello", token, device, active: this.#isActive, ...this.#known.position };
    }

    /**
     * @param {Line} line
     * @param {any} message
     */
    #heard(line, message) {
        if (this.#isWelcome) this.#silence.set(this.#times.silence, () => this.#probe());
        switch (message?.type) {
            case "welcome":
                this.#welcomed(line);
                return this.#tell(this.#known.welcome(message));
            case "snapshot":
                // A process that has just begun may have nothing else to say first.
                if (!this.#isWelcome) this.#welcomed(line);
                return this.#tell(this.#known.snapshot(message));
            case "changed":
                return this.#changed(message);
            case "own":
                return this.putOwn(message.own);
            case "refused":
                return this.#refused(message);
            default:
                // Newer servers may say more than this page knows; an error or an answer to a probe is a sign of life.
        }
    }

    /** @param {Line} line */
    #welcomed(line) {
        line.answered();
        this.#isWelcome = true;
        this.#refusedTokens = 0;
        this.#unknown.stop();
        this.#silence.set(this.#times.silence, () => this.#probe());
        this.#sayActive();
        this.#steady.set(this.#times.steady, () => this.#backoff.reset());
    }

    /** @param {any} message */
    #changed(message) {
        const account = this.#known.change(message);
        if (account !== "gap") return account && this.#tell(account);
        // Coming back brings what is missing. Where that has just been tried, only everything anew helps.
        if (this.#steady.isSet) this.#known.forgetPosition();
        return this.#comeBack(0);
    }

    /** @param {{ code: string, retryAfter?: number }} refusal */
    #refused({ code, retryAfter = 0 }) {
        if (code === "unauthenticated") return this.#tryAnotherToken();
        if (!passing.has(code)) return this.#end();
        return this.#comeBack(retryAfter * 1000);
    }

    /** @param {number} code of the close */
    #lost(code) {
        // The session is over, or what the token says is: only a new token can tell.
        if (code === closeCodes.signedOut) return this.#tryAnotherToken();
        if (!mayReconnect(code)) return this.#end();
        return this.#comeBack(0);
    }

    #tryAnotherToken() {
        this.#refusedTokens += 1;
        if (this.#refusedTokens > mostTokens) return this.#end();
        this.#options.forgetToken();
        return this.#comeBack(0);
    }

    /** @param {unknown} error */
    #hasNoToken(error) {
        if (error instanceof ApiError && error.code === "unauthenticated") this.#end();
        else this.#comeBack(error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0);
    }

    /** @param {number} atLeast milliseconds */
    #comeBack(atLeast) {
        this.#drop();
        if (this.#isRunning) this.#retry.set(Math.max(atLeast, this.#backoff.next()), () => this.#attempt());
    }

    /** There is nothing to come back to. */
    #end() {
        this.#isRunning = false;
        this.#drop();
        this.#forget();
    }

    #drop() {
        this.#line?.drop();
        this.#line = null;
        this.#silence.stop();
        this.#steady.stop();
        this.#isWelcome = false;
        if (this.#known.isCurrent) this.#forgetSoon();
    }

    /** What is known is shown no more, and kept: coming back may need only the changes. */
    #forget() {
        this.#unknown.stop();
        this.#known.outdate();
        this.#tell(null);
    }

    #forgetSoon() {
        if (!this.#unknown.isSet) this.#unknown.set(this.#times.unknown, () => this.#forget());
    }

    /** A page sees no pings, and a network that has died says nothing: so it asks by itself. */
    #probe() {
        this.#line?.send({ type: "ping" });
        this.#silence.set(this.#times.probe, () => this.#comeBack(0));
    }

    /** @param {string | null} account `null`: everybody's */
    #tell(account) {
        this.dispatchEvent(new PresenceEvent(account));
        if (account === null || account === this.#known.account) this.dispatchEvent(new Event("own"));
    }
}
