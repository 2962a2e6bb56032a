// @ts-check
import { ChatOutbox } from "../protocol/chat-outbox.js";
import { Connection } from "../protocol/connection.js";
import { MediaSession } from "../media/media-session.js";
import { Meeting } from "./meeting.js";
import { OwnState } from "./own-state.js";

/**
 * @typedef {import("../media/local-media.js").LocalMedia} LocalMedia
 * @typedef {import("../protocol/observer.js").Ending} Ending
 *
 * @typedef {object} RoomSessionOptions
 * @property {string} url
 * @property {import("../protocol/seat-store.js").SeatStore} store
 * @property {string} name
 * @property {string} room The room's id.
 * @property {string} [roomName]
 * @property {LocalMedia} local
 * @property {import("../media/audio-outlets.js").AudioOutlets} outlets
 * @property {import("../protocol/entering.js").Hello} hello
 * @property {import("../protocol/seat-store.js").Seat | null} seat The one that this tab had before a reload.
 * @property {import("../protocol/entering.js").Pass | null} [pass] With which this tab waited before a reload.
 * @property {(error: unknown) => boolean} isPassing
 */

/** Milliseconds that devices may take after a reload before the others are told that they are off. */
const restorePatience = 4000;

/** `entered` (again after each time in the line), `waiting`, `state`, `pictures`, `outbox`, or `ended`. */
export class SessionEvent extends Event {
    /**
     * @param {"entered" | "waiting" | "state" | "pictures" | "outbox" | "ended"} type
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
    /**
     * When the person entered, in milliseconds.
     *
     * @type {number | null}
     */
    since;
    /**
     * What is waited for; null for who is inside or on the way.
     *
     * @type {import("../protocol/messages.js").Waiting | null}
     */
    waiting = null;
    #options;
    #own;
    /** Whether there was a seat in the meeting. */
    #wasInside = false;
    #listeners = new AbortController();

    /** @param {RoomSessionOptions} options */
    constructor(options) {
        super();
        this.#options = options;
        const { url, hello, seat, pass = null, isPassing, outlets, local } = options;
        this.since = seat?.since ?? null;
        this.connection = new Connection({
            url, hello, resumeToken: seat?.token ?? null, pass, isPassing, observer: {
                stateChanged: () => this.#tell("state"),
                waiting: (waiting) => this.#waiting(waiting),
                welcomed: (welcome) => this.#welcomed(welcome),
                resumed: (resumed) => this.#resumed(resumed),
                happened: (event) => this.#happened(event),
                media: (message) => this.media.handle(message),
                lobby: (people) => {
                    this.meeting.lobby = people;
                },
                ended: (ending) => this.#ended(ending),
            },
        });
        this.media = new MediaSession({
            connection: this.connection, outlets, changed: () => this.#tell("pictures"),
            tracks: () => ({ microphone: local.track("microphone"), camera: local.track("camera"), screen: local.track("screen") }),
        });
        this.outbox = new ChatOutbox((type, body) => this.connection.request(type, body), () => this.#tell("outbox"));
        this.#own = new OwnState({
            tell: (changes) => this.connection.request("participant.update", changes),
            isOpen: () => this.connection.state === "open", devices: () => local.state, known: () => this.meeting.me?.state,
        });
        this.#listen(local);
    }

    /** Whether one's own hand is up. */
    get hand() {
        return this.#own.hand;
    }

    /** The place in the line of those who wait for a seat; 0 for who stands in none. */
    get position() {
        return this.waiting?.position ?? 0;
    }

    /** @param {string[]} [people] All who wait when it is left out. */
    admit(people) {
        return this.connection.request("lobby.admit", people ? { participants: people } : {});
    }

    /** @param {string} person */
    deny(person) {
        return this.connection.request("lobby.deny", { participant: person });
    }

    /** @param {boolean} locked */
    setLocked(locked) {
        return this.connection.request("room.lock", { locked });
    }

    open() {
        this.connection.open();
    }

    leave() {
        return this.connection.leave();
    }

    /** @param {boolean} raised */
    setHand(raised) {
        this.#own.raise(raised);
        this.#tell("state");
    }

    /** @param {LocalMedia} local */
    #listen(local) {
        const { signal } = this.#listeners;
        local.addEventListener("source", (event) => {
            const { source } = /** @type {import("../media/local-media.js").SourceEvent} */ (event);
            void this.media.setTrack(source, local.track(source)).catch(() => {});
            this.#own.tell();
        }, { signal });
        window.addEventListener("online", () => this.connection.retryNow(), { signal });
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) this.connection.retryNow();
        }, { signal });
    }

    /** @param {import("../protocol/messages.js").Waiting} waiting */
    #waiting(waiting) {
        // The seat is lost: nobody is heard or seen from the line.
        if (this.#wasInside && !this.waiting) this.media.pause();
        this.waiting = waiting;
        const { store, room, roomName = "", name } = this.#options;
        const { pass } = this.connection;
        if (pass) store.savePlace({ pass, room, roomName: this.meeting.roomName || roomName, name });
        this.#tell("waiting");
    }

    /** @param {import("../protocol/messages.js").Welcome} welcome */
    #welcomed(welcome) {
        const { hand, waiting } = this;
        const first = !this.#wasInside;
        this.#wasInside = true;
        this.waiting = null;
        this.since ??= Date.now();
        this.meeting.reset(welcome);
        this.#keep(welcome.resumeToken);
        this.#own.reset();
        // Also who has waited long, and came when the room was another one.
        if (!welcome.resumed && this.meeting.mutesOnJoining) void this.#options.local.setMicrophone(false);
        this.outbox.reset(welcome.seq, welcome.resumed, welcome.epoch);
        if (first && this.#options.seat !== null && welcome.resumed) void this.#restore();
        // The seat of before is gone, and with it the hand that was up.
        if (!first && !welcome.resumed && hand) this.#own.raise(true);
        this.#goOn(welcome);
        if (first || waiting) this.#tell("entered");
    }

    /** @param {import("../protocol/messages.js").Resumed} resumed */
    #resumed({ resumeToken, iceServers }) {
        this.#keep(resumeToken);
        this.#goOn({ iceServers, resumed: true });
    }

    /** @param {{ iceServers: import("../protocol/messages.js").ICEServer[], resumed: boolean }} media */
    #goOn(media) {
        this.media.goOn(media);
        this.#own.tell();
        this.outbox.resend();
    }

    /** @param {string} token For a reload. */
    #keep(token) {
        const { store, room, name } = this.#options;
        store.save({ token, room, name: this.meeting.me?.name ?? name, since: this.since ?? Date.now() });
    }

    /** What was on before the reload is on again; a shared screen has to be chosen anew. */
    async #restore() {
        const { microphone, camera } = this.meeting.me?.state ?? {};
        const { local } = this.#options;
        this.#own.pause();
        // The browser may ask for permission anew, and the person may take their time.
        const timer = setTimeout(() => this.#own.goOn(), restorePatience);
        if (microphone && camera) await local.prepare({ microphone, camera });
        else if (microphone) await local.setMicrophone(true);
        else if (camera) await local.setCamera(true);
        clearTimeout(timer);
        this.#own.goOn();
    }

    /** @param {import("../protocol/messages.js").RoomEvent} event */
    #happened(event) {
        const { self } = this.meeting;
        if (event.type === "chat" && event.from === self) this.outbox.arrived(event.seq, event.text);
        this.meeting.apply(event);
        if (event.type === "updated" && event.participant.id === self) this.#own.seen();
    }

    /** @param {Ending} ending */
    #ended(ending) {
        this.#listeners.abort();
        this.#own.close();
        this.media.close();
        this.#options.outlets.clear();
        this.#options.store.clear();
        this.dispatchEvent(new SessionEvent("ended", ending));
    }

    /** @param {"entered" | "waiting" | "state" | "pictures" | "outbox"} what */
    #tell(what) {
        this.dispatchEvent(new SessionEvent(what));
    }
}
