// @ts-check
import { Line } from "../../lib/line.js";
import { Timer } from "../../lib/timer.js";
import { KnownPresence } from "./known.js";
import { PresenceEvent } from "./presence-event.js";
import { Pulse } from "./pulse.js";
import { defaultTimes } from "./stream-options.js";
import { isPlanned, WayBack } from "./way-back.js";

/**
 * What presence tells of one's organization, as long as somebody is signed in. It comes back by itself after every break and
 * then asks for what it has missed. Tells with `PresenceEvent` whose presence is another now, and with the event `own` that
 * one's own is.
 */
export class PresenceStream extends EventTarget {
    #options;
    #times;
    #wayBack;
    #pulse;
    #known = new KnownPresence("");
    /** @type {Line | null} */
    #line = null;
    #isWelcome = false;
    #isActive = false;
    /** What the server was told last. */
    #saidActive = false;
    #isRunning = false;
    /** Until what is known is shown no more. */
    #unknown = new Timer();

    /** @param {import("./stream-options.js").StreamOptions} options */
    constructor(options) {
        super();
        this.#options = options;
        this.#times = { ...defaultTimes, ...options.times };
        this.#wayBack = new WayBack({ ...options, longest: this.#times.longestPause, attempt: () => this.#attempt() });
        this.#pulse = new Pulse({
            times: this.#times,
            ask: () => this.#line?.send({ type: "ping" }),
            settled: () => this.#wayBack.settled(),
            dead: () => this.#leave(this.#wayBack.afterBreak()),
        });
    }

    /** Whether it has just begun to look for a connection: too early to say that there is none. */
    get isConnecting() {
        return this.#isRunning && this.#unknown.isSet;
    }

    /** @returns {number | null} milliseconds since 1970: until then nothing can be asked, because it was asked too often */
    get barredUntil() {
        return this.#isRunning ? this.#wayBack.barredUntil : null;
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

    /** How much was told of one's own presence: for `putAnswer`. */
    get ownMark() {
        return this.#known.ownMark;
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
        this.#forgetIn(this.#times.unknown);
        this.#attempt();
    }

    /** Nobody is signed in any more. */
    stop() {
        this.#isRunning = false;
        this.#drop();
        this.#wayBack.forget();
        this.#unknown.stop();
        this.#known = new KnownPresence("");
        this.#tell(null);
    }

    /** The page is put aside: others see within seconds whether somebody comes after it. What is known stays, for the way back. */
    pause() {
        this.#drop();
        this.#wayBack.stop();
    }

    /** @param {boolean} isActive whether the device is used */
    setActive(isActive) {
        this.#isActive = isActive;
        if (this.#isWelcome) this.#sayActive();
    }

    /** The network is back, or somebody looks at the page again: do not wait any longer, and do not trust the quiet. */
    wake() {
        if (!this.#isRunning) return;
        if (this.#isWelcome) this.#pulse.probe();
        else if (!this.#line?.asked && this.barredUntil === null) this.#attempt();
    }

    /**
     * The answer of a request for one's own presence. What the stream has told meanwhile may be newer, and stays.
     * @param {import("../../lib/wire.js").OwnPresence} own
     * @param {import("./known.js").OwnMark} mark of before the request
     */
    putAnswer(own, mark) {
        this.#known.putAnswer(own, mark);
        this.#tell(this.#known.account);
    }

    #sayActive() {
        if (this.#isActive === this.#saidActive) return;
        this.#saidActive = this.#isActive;
        this.#line?.send({ type: "activity", active: this.#isActive });
    }

    #attempt() {
        this.#drop();
        this.#wayBack.stop();
        const { url, token, SocketClass = WebSocket } = this.#options;
        this.#line = new Line({
            url: url(),
            SocketClass,
            patience: this.#times.attempt,
            first: async () => this.#hello(await token()),
            heard: (line, message) => this.#heard(line, message),
            lost: (_, code) => this.#lost(code),
            failed: (_, error) => this.#leave(this.#wayBack.afterNoToken(error)),
        });
    }

    /** @param {string} token */
    #hello(token) {
        this.#saidActive = this.#isActive;
        return { type: "hello", token, active: this.#isActive, ...this.#known.position };
    }

    /** @param {Line} line @param {any} message */
    #heard(line, message) {
        if (this.#isWelcome) this.#pulse.heard();
        switch (message?.type) {
            case "welcome":
            case "snapshot":
                return this.#toldAll(line, message);
            case "changed":
                return this.#changed(message);
            case "own":
                this.#known.putOwn(message.own);
                return this.#tell(this.#known.account);
            case "refused":
                return this.#leave(this.#wayBack.afterRefusal(message));
            default:
                // A pong, or what newer servers say more than this page knows: a sign of life.
        }
    }

    /** @param {Line} line */
    #welcomed(line) {
        line.answered();
        this.#isWelcome = true;
        this.#wayBack.arrived();
        this.#pulse.start();
        this.#sayActive();
    }

    /** @param {Line} line @param {any} message */
    #toldAll(line, message) {
        // A process that has just begun may have nothing else to say before the snapshot.
        if (!this.#isWelcome) this.#welcomed(line);
        if (message.type === "welcome") this.#known.welcome(message);
        else this.#known.snapshot(message);
        // Who is nowhere yet is only welcomed: nothing is known before all of it has come.
        if (this.#known.isCurrent) this.#unknown.stop();
        this.#tell(null);
    }

    /** @param {any} message */
    #changed(message) {
        const account = this.#known.change(message);
        if (account !== "gap") return account && this.#tell(account);
        // Coming back brings what is missing. Where that has just been tried, only everything anew helps.
        if (this.#pulse.isYoung) this.#known.forgetPosition();
        return this.#leave(this.#wayBack.afterBreak());
    }

    /** @param {number} code of the close */
    #lost(code) {
        const pause = this.#wayBack.afterClose(code);
        this.#leave(pause);
        // Nothing has failed: what is known holds until the others had their time to answer.
        if (pause !== null && isPlanned(code) && this.#known.isCurrent) this.#forgetIn(pause + this.#times.unknown);
    }

    /** @param {number | null} pause milliseconds until the next attempt; `null`: there is nothing to come back to */
    #leave(pause) {
        this.#drop();
        // It is said why there is no connection.
        if (this.barredUntil !== null) this.#tell(null);
        if (pause !== null) return;
        this.#isRunning = false;
        this.#forget();
    }

    #drop() {
        this.#line?.drop();
        this.#line = null;
        this.#pulse.stop();
        this.#isWelcome = false;
        if (this.#known.isCurrent && !this.#unknown.isSet) this.#forgetIn(this.#times.unknown);
    }

    /** What is known is shown no more, and kept: coming back may need only the changes. */
    #forget() {
        this.#unknown.stop();
        this.#known.outdate();
        this.#tell(null);
    }

    /** @param {number} milliseconds */
    #forgetIn(milliseconds) {
        this.#unknown.set(milliseconds, () => this.#forget());
    }

    /** @param {string | null} account `null`: everybody's */
    #tell(account) {
        this.dispatchEvent(new PresenceEvent(account));
        if (account === null || account === this.#known.account) this.dispatchEvent(new Event("own"));
    }
}
