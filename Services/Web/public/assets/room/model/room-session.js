// @ts-check
import { Backoff } from "../protocol/backoff.js";
import { ChatOutbox } from "../protocol/chat-outbox.js";
import { Connection } from "../protocol/connection.js";
import { MediaSession } from "../media/media-session.js";
import { Meeting } from "./meeting.js";

/**
 * @typedef {import("../media/local-media.js").LocalMedia} LocalMedia
 * @typedef {import("../media/local-media.js").Source} Source
 * @typedef {import("../protocol/connection.js").Ending} Ending
 * @typedef {import("../protocol/connection.js").Options["hello"]} Hello
 *
 * @typedef {object} RoomSessionOptions
 * @property {string} url
 * @property {import("../protocol/seat-store.js").SeatStore} store
 * @property {string} name
 * @property {string} room The room's id.
 * @property {LocalMedia} local
 * @property {import("../media/audio-outlets.js").AudioOutlets} outlets
 * @property {Hello} hello
 * @property {string | null} resumeToken Of the seat that this tab had before a reload.
 * @property {(error: unknown) => boolean} isPassing
 */

/** Milliseconds that devices may take after a reload before the others are told that they are off. */
const restorePatience = 4000;

/** `entered` (once), `state`, `pictures`, `outbox`, or `ended`. */
export class SessionEvent extends Event {
    /**
     * @param {"entered" | "state" | "pictures" | "outbox" | "ended"} type
     * @param {Ending | null} [ending]
     */
    constructor(type, ending = null) {
        super(type);
        this.ending = ending;
    }
}

/** One's stay in a room: socket, people, chat, media, and telling the others what is on. */
export class RoomSession extends EventTarget {
    meeting = new Meeting();
    /** @type {Connection} */
    connection;
    /** @type {MediaSession} */
    media;
    outbox;
    #options;
    #entered = false;
    /**
     * What the server was last told to be on.
     *
     * @type {Partial<Record<Source, boolean>>}
     */
    #told = {};
    /** After a reload the devices have to be opened before anything is said about them. */
    #restoring = false;
    #tellBackoff = new Backoff({ first: 1000, longest: 15_000 });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #tellTimer;
    #listeners = new AbortController();

    /** @param {RoomSessionOptions} options */
    constructor(options) {
        super();
        this.#options = options;
        const { url, hello, resumeToken, isPassing, outlets, local } = options;
        this.connection = new Connection({
            url, hello, resumeToken, isPassing, observer: {
                stateChanged: () => this.dispatchEvent(new SessionEvent("state")),
                welcomed: (welcome) => this.#welcomed(welcome),
                happened: (event) => this.#happened(event),
                media: (message) => this.media.handle(message),
                ended: (ending) => this.#ended(ending),
            },
        });
        this.media = new MediaSession({
            connection: this.connection, outlets, changed: () => this.dispatchEvent(new SessionEvent("pictures")),
            tracks: () => ({ microphone: local.track("microphone"), camera: local.track("camera"), screen: local.track("screen") }),
        });
        this.outbox = new ChatOutbox(
            (type, body) => this.connection.request(type, body), () => this.dispatchEvent(new SessionEvent("outbox")));
        this.#listen(local);
    }

    open() {
        this.connection.open();
    }

    leave() {
        return this.connection.leave();
    }

    /** @param {boolean} raised */
    async setHand(raised) {
        await this.connection.request("participant.update", { hand: raised }).catch(() => {});
    }

    /** @param {LocalMedia} local */
    #listen(local) {
        const { signal } = this.#listeners;
        local.addEventListener("source", (event) => {
            const { source } = /** @type {import("../media/local-media.js").SourceEvent} */ (event);
            void this.media.setTrack(source, local.track(source)).catch(() => {});
            this.#tell();
        }, { signal });
        window.addEventListener("online", () => this.connection.retryNow(), { signal });
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) this.connection.retryNow();
        }, { signal });
    }

    /** @param {import("../protocol/messages.js").Welcome} welcome */
    #welcomed(welcome) {
        const { store, room, name, resumeToken } = this.#options;
        this.meeting.reset(welcome);
        const me = this.meeting.me;
        store.save({ token: welcome.resumeToken, room, name: me?.name ?? name });
        this.#told = { microphone: me?.state.microphone, camera: me?.state.camera, screen: me?.state.screen };
        const first = !this.#entered;
        this.#entered = true;
        if (first && resumeToken !== null && welcome.resumed) void this.#restore();
        this.media.welcomed(welcome);
        this.#tell();
        this.outbox.resend();
        if (first) this.dispatchEvent(new SessionEvent("entered"));
    }

    /** What was on before the reload is on again; a shared screen has to be chosen anew. */
    async #restore() {
        const { microphone, camera } = this.#told;
        const { local } = this.#options;
        this.#restoring = true;
        // The browser may ask for permission anew, and the person may take their time.
        const timer = setTimeout(() => this.#restored(), restorePatience);
        if (microphone && camera) await local.prepare({ microphone, camera });
        else if (microphone) await local.setMicrophone(true);
        else if (camera) await local.setCamera(true);
        clearTimeout(timer);
        this.#restored();
    }

    #restored() {
        this.#restoring = false;
        this.#tell();
    }

    /** @param {import("../protocol/messages.js").RoomEvent} event */
    #happened(event) {
        if (event.type === "chat.message" && event.message.from === this.meeting.self) this.outbox.arrived(event.message.text);
        this.meeting.apply(event);
    }

    /** Tells the others what differs from what they know. After an interruption it is told again. */
    #tell() {
        clearTimeout(this.#tellTimer);
        if (this.#restoring || this.connection.state !== "open") return;
        const { state } = this.#options.local;
        /** @type {Partial<Record<Source, boolean>>} */
        const changes = {};
        for (const source of /** @type {Source[]} */ (["microphone", "camera", "screen"])) {
            if (state[source] !== this.#told[source]) changes[source] = state[source];
        }
        if (Object.keys(changes).length === 0) return;
        this.#told = { ...this.#told, ...changes };
        this.connection.request("participant.update", changes).then(() => this.#tellBackoff.reset(), () => {
            // What the others know decides what has to be told again.
            const known = this.meeting.me?.state;
            if (known) this.#told = { microphone: known.microphone, camera: known.camera, screen: known.screen };
            if (this.connection.state !== "open") return;
            clearTimeout(this.#tellTimer);
            this.#tellTimer = setTimeout(() => this.#tell(), this.#tellBackoff.next());
        });
    }

    /** @param {Ending} ending */
    #ended(ending) {
        this.#listeners.abort();
        clearTimeout(this.#tellTimer);
        this.media.close();
        this.#options.outlets.clear();
        this.#options.store.clear();
        this.dispatchEvent(new SessionEvent("ended", ending));
    }
}
