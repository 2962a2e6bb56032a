// @ts-check
import { tr } from "../../lib/i18n.js";
import { AudioOutlets } from "../media/audio-outlets.js";
import { MeetingPage } from "../meeting/meeting-page.js";
import { RoomSession } from "../model/room-session.js";
import { LinePage } from "./line-page.js";
import { waitingPage } from "./message-page.js";

/**
 * @typedef {import("../protocol/observer.js").Ending} Ending
 *
 * @typedef {object} VisitOptions
 * @property {string} alias
 * @property {{ id: string, name: string }} room The name is empty while it is not known.
 * @property {number} seats
 * @property {string} name The person's.
 * @property {import("../protocol/seat-store.js").SeatStore} store
 * @property {import("../protocol/seat-store.js").Seat | null} seat The one of this tab before it was reloaded.
 * @property {import("../protocol/entering.js").Pass | null} [pass] With which this tab waited before it was reloaded.
 * @property {import("../media/local-media.js").LocalMedia} local
 * @property {(wasInside: boolean) => Promise<{ ticket: string, state: object }>} hello
 * @property {(error: unknown) => boolean} isPassing
 * @property {(build: (signal: AbortSignal) => HTMLElement, look?: string) => void} show Replaces the page.
 * @property {(ending: Ending, wasInside: boolean) => void} ended
 */

/** Milliseconds after which a page that waits for the server says so. */
const patience = 6000;

/** One way into a room and out again: the line when it is full, the meeting, and waiting for the server before both. */
export class Visit {
    #options;
    #session;
    #outlets;
    /** Whether the browser wants a click before it plays sound. */
    #silenced = false;
    /** @type {MeetingPage | null} */
    #meeting = null;
    /** @type {LinePage | null} */
    #line = null;
    #wasInside = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /** @param {VisitOptions} options */
    constructor(options) {
        const { store, seat, pass, name, room, local, hello, isPassing } = options;
        this.#options = options;
        this.#outlets = new AudioOutlets(document.body, (blocked) => {
            this.#silenced = blocked;
            this.#meeting?.setSilenced(blocked);
        });
        this.#session = new RoomSession({
            url: socketURL(room.id), store, seat, pass, name, room: room.id, roomName: room.name, local, outlets: this.#outlets, isPassing,
            hello: () => hello(this.#wasInside),
        });
        this.#session.addEventListener("state", () => this.#stateChanged());
        this.#session.addEventListener("waiting", () => this.#stand());
        this.#session.addEventListener("entered", () => this.#enter());
        this.#session.addEventListener("ended", (event) => {
            clearTimeout(this.#timer);
            const { ending } = /** @type {import("../model/room-session.js").SessionEvent} */ (event);
            if (ending) options.ended(ending, this.#wasInside);
        });
    }

    /** Everything else comes by itself. */
    begin() {
        this.#session.open();
    }

    stats() {
        return this.#session.media.stats();
    }

    /** While there is no seat, the person is told when the server can't be reached. */
    #stateChanged() {
        clearTimeout(this.#timer);
        if (this.#session.connection.state !== "connecting") return;
        this.#timer = setTimeout(() => {
            this.#line = null;
            const cancel = { label: tr("common.cancel"), run: () => void this.#session.leave() };
            this.#options.show(() => waitingPage(tr("entry.waitingForServer"), [cancel]));
        }, patience);
    }

    #enter() {
        const { local, alias, show } = this.#options;
        this.#wasInside = true;
        this.#line = null;
        void this.#outlets.setSpeaker(local.chosen("speaker"));
        show((signal) => {
            this.#meeting = new MeetingPage({ session: this.#session, local, outlets: this.#outlets, alias, signal });
            this.#meeting.setSilenced(this.#silenced);
            return this.#meeting.element;
        }, "in-meeting");
    }

    /** In the line or in the lobby. */
    #stand() {
        const { room, seats, show } = this.#options;
        this.#meeting = null;
        if (!this.#line) {
            show((signal) => {
                const cancel = () => void this.#session.leave();
                this.#line = new LinePage({ room: this.#session.meeting.roomName || room.name, seats, cancel, signal });
                return this.#line.element;
            });
        }
        this.#line?.update(this.#session.waiting);
    }
}

/** @param {string} room */
function socketURL(room) {
    const url = new URL(`/api/signaling/rooms/${encodeURIComponent(room)}/socket`, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
}
