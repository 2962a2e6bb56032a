// @ts-check
import { Backoff } from "../../lib/backoff.js";
import { RequestError } from "../protocol/requests.js";

/**
 * @typedef {import("../protocol/messages.js").ParticipantState} ParticipantState
 * @typedef {{ microphone?: boolean, camera?: boolean, screen?: boolean, hand?: boolean }} Switches
 *
 * @typedef {object} OwnStateOptions
 * @property {(changes: Switches) => Promise<unknown>} tell
 * @property {() => boolean} isOpen Whether anything can be told now.
 * @property {() => Switches} devices What is on here.
 * @property {() => ParticipantState | undefined} known What the others see of oneself.
 */

const sources = /** @type {const} */ (["microphone", "camera", "screen", "hand"]);

/**
 * Tells the others what is on here, and the hand. What they may not have heard because the connection broke is told
 * again.
 */
export class OwnState {
    #options;
    /**
     * What the server was told last. What is absent it may or may not know.
     *
     * @type {Switches}
     */
    #told = {};
    /**
     * The hand as it is wanted, until the others see it so.
     *
     * @type {boolean | null}
     */
    #hand = null;
    /** Whether the answer about the hand is missing. */
    #handIsOnItsWay = false;
    #paused = false;
    #backoff = new Backoff({ first: 1000, longest: 15_000 });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /** @param {OwnStateOptions} options */
    constructor(options) {
        this.#options = options;
    }

    /** Whether one's own hand is up, as the person sees it. */
    get hand() {
        return this.#hand ?? this.#options.known()?.handRaisedAt !== undefined;
    }

    /** @param {boolean} raised */
    raise(raised) {
        this.#hand = raised;
        this.#handIsOnItsWay = true;
        delete this.#told.hand;
        this.tell();
    }

    /** After a reload the devices have to be opened before anything is said about them. */
    pause() {
        this.#paused = true;
    }

    goOn() {
        this.#paused = false;
        this.tell();
    }

    /** A snapshot says what the others know. */
    reset() {
        const { microphone, camera, screen } = this.#options.known() ?? {};
        this.#told = { microphone, camera, screen };
        this.seen();
    }

    /** The others see something of oneself. */
    seen() {
        if (!this.#handIsOnItsWay) this.#hand = null;
    }

    /** Tells what differs from what they know. */
    tell() {
        clearTimeout(this.#timer);
        if (this.#paused || !this.#options.isOpen()) return;
        const wanted = this.#wanted();
        /** @type {Switches} */
        const changes = {};
        for (const source of sources) {
            if (wanted[source] !== undefined && wanted[source] !== this.#told[source]) changes[source] = wanted[source];
        }
        if (Object.keys(changes).length === 0) return;
        Object.assign(this.#told, changes);
        this.#options.tell(changes).then(() => this.#heard(changes), (error) => this.#failed(changes, error));
    }

    close() {
        clearTimeout(this.#timer);
    }

    /** @returns {Switches} */
    #wanted() {
        const { microphone, camera, screen } = this.#options.devices();
        return { microphone, camera, screen, ...(this.#hand !== null && this.#handIsOnItsWay && { hand: this.#hand }) };
    }

    /** @param {Switches} changes */
    #heard(changes) {
        this.#backoff.reset();
        if (changes.hand === undefined || changes.hand !== this.#hand) return;
        this.#handIsOnItsWay = false;
        if (changes.hand === (this.#options.known()?.handRaisedAt !== undefined)) this.#hand = null;
    }

    /**
     * @param {Switches} changes
     * @param {unknown} error
     */
    #failed(changes, error) {
        const undecided = error instanceof RequestError && error.undecided;
        const known = this.#options.known();
        for (const source of sources) {
            if (changes[source] === undefined) continue;
            if (undecided || source === "hand" || !known) delete this.#told[source];
            else this.#told[source] = known[source];
        }
        if (!this.#options.isOpen()) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.tell(), this.#backoff.next());
    }
}
