// @ts-check
import { h, icon, set, setText } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";
import { arrange } from "./grid-layout.js";
import { TileOrder } from "./tile-order.js";
import { PersonTile, ScreenTile } from "./tile.js";

/**
 * @typedef {import("../protocol/messages.js").Participant} Participant
 * @typedef {import("../media/slot-plan.js").Wanted} Wanted
 *
 * @typedef {object} StageOptions
 * @property {import("../model/meeting.js").Meeting} meeting
 * @property {import("../media/local-media.js").LocalMedia} local
 * @property {import("../media/media-session.js").MediaSession} media
 * @property {HTMLElement} empty Shown while nobody else is there.
 * @property {AbortSignal} signal
 */

/** Pictures wider than this, in device pixels, ask for the middle and the large layer. */
const middleFrom = 260;
const largeFrom = 560;
const mostTiles = 12;
const mostTilesOnPhone = 8;
const mostScreens = 2;
/** Milliseconds that a page may be hidden before it gives its pictures back. */
const hiddenPatience = 10_000;

/** The people, and shared screens, in the space that there is. */
export class Stage {
    #options;
    #area = h("div", { class: "stage-area" });
    #previous = h("button", { class: "round-button stage-page stage-previous", type: "button" }, icon("chevron"));
    #next = h("button", { class: "round-button stage-page stage-next", type: "button" }, icon("chevron"));
    /** Which page is shown. It stands beside the stage, where it covers nobody. */
    position = h("p", { class: "stage-position small", role: "status" });
    #order = new TileOrder();
    /** @type {Map<string, PersonTile>} */
    #tiles = new Map();
    /** @type {Map<string, ScreenTile>} */
    #screens = new Map();
    /** @type {Set<string>} */
    #speaking = new Set();
    #page = 0;
    #firstPage = mostTiles;
    #frame = 0;
    #closed = false;
    element;

    /** @param {StageOptions} options */
    constructor(options) {
        this.#options = options;
        this.element = h("section", { class: "stage" }, this.#area, options.empty, this.#previous, this.#next);
        this.#previous.addEventListener("click", () => this.#turn(-1));
        this.#next.addEventListener("click", () => this.#turn(1));
        const observer = new ResizeObserver(() => this.update());
        observer.observe(this.#area);
        options.signal.addEventListener("abort", () => this.#close(observer), { once: true });
    }

    /** Draws at the next frame, once for all that changed until then. */
    update() {
        if (this.#closed) return;
        this.#frame ||= requestAnimationFrame(() => {
            this.#frame = 0;
            this.#draw();
        });
    }

    /** @param {Set<string>} speaking */
    heard(speaking) {
        this.#speaking = speaking;
        this.#order.heard([...speaking].filter((id) => id !== this.#options.meeting.self), this.#firstPage - 1);
        this.update();
    }

    /** @param {AbortSignal} signal Ends the wait for a hidden page. */
    watchVisibility(signal) {
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let timer;
        document.addEventListener("visibilitychange", () => {
            clearTimeout(timer);
            if (!document.hidden) return this.update();
            // A glance at another tab must not cost a key frame of everybody. Nothing is drawn in a hidden page, so
            // that nothing is wanted has to be said without drawing.
            timer = setTimeout(() => this.#options.media.want([]), hiddenPatience);
        }, { signal });
        signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    }

    #draw() {
        const { meeting, media } = this.#options;
        const sharing = this.#sharing();
        const people = this.#people();
        const { clientWidth: width, clientHeight: height } = this.#area;
        const most = width < 640 ? mostTilesOnPhone : mostTiles;
        const arrangement = arrange({ width, height, people: people.length, screens: sharing.length, most });
        const shown = this.#pageOf(people, arrangement.capacity);
        // A later page may have fewer people, who then get more space.
        const places = shown.length === arrangement.tiles.length
            ? arrangement
            : arrange({ width, height, people: shown.length, screens: sharing.length, most });
        this.#drawScreens(sharing, places.screens);
        this.#drawTiles(shown, places.tiles);
        this.#options.empty.hidden = meeting.size > 1 || sharing.length > 0;
        media.want(document.hidden ? [] : this.#wanted(shown, places.tiles, sharing));
    }

    /** The others in a calm order, oneself at the end of the first page. */
    #people() {
        const { meeting } = this.#options;
        const others = meeting.participants.filter(({ id }) => id !== meeting.self).map(({ id }) => id);
        const order = [...this.#order.update(others)];
        if (meeting.me) order.splice(Math.min(order.length, this.#firstPage - 1), 0, meeting.self);
        return order;
    }

    /** Who shares, the newest first. */
    #sharing() {
        const { meeting } = this.#options;
        return meeting.participants
            .filter(({ id, state, publishing }) => id !== meeting.self && state.screen && publishing)
            .slice(-mostScreens);
    }

    /**
     * @param {string[]} people
     * @param {number} capacity
     */
    #pageOf(people, capacity) {
        if (capacity !== this.#firstPage) {
            this.#firstPage = capacity;
            this.update();
        }
        const pages = Math.max(1, Math.ceil(people.length / capacity));
        this.#page = Math.min(this.#page, pages - 1);
        this.#previous.hidden = this.#page === 0;
        this.#next.hidden = this.#page >= pages - 1;
        this.position.hidden = pages === 1;
        setText(this.position, pages === 1 ? "" : t("meet.page", { page: this.#page + 1, pages }));
        set(this.element, { "aria-label": t("meet.stage") });
        set(this.#previous, { "aria-label": t("meet.previous"), title: t("meet.previous") });
        set(this.#next, { "aria-label": t("meet.next"), title: t("meet.next") });
        return people.slice(this.#page * capacity, (this.#page + 1) * capacity);
    }

    /** @param {number} by */
    #turn(by) {
        this.#page += by;
        this.update();
    }

    /**
     * @param {string[]} shown
     * @param {import("./grid-layout.js").Rect[]} places
     */
    #drawTiles(shown, places) {
        const here = new Set(shown);
        for (const [id, tile] of this.#tiles) {
            if (here.has(id)) continue;
            tile.release();
            this.#tiles.delete(id);
        }
        for (const [index, id] of shown.entries()) {
            const participant = this.#options.meeting.participant(id);
            const place = places[index];
            if (!participant || !place) continue;
            const tile = this.#tile(id);
            tile.place(place);
            tile.show({
                participant, self: id === this.#options.meeting.self, speaking: this.#speaking.has(id),
                picture: this.#picture(participant),
            });
        }
    }

    /** @param {string} id */
    #tile(id) {
        const known = this.#tiles.get(id);
        if (known) return known;
        const tile = new PersonTile();
        this.#tiles.set(id, tile);
        this.#area.append(tile);
        return tile;
    }

    /** @param {Participant} participant */
    #picture({ id, state }) {
        const { meeting, local, media } = this.#options;
        if (id === meeting.self) return local.track("camera");
        return state.camera ? media.stream(id, "camera") : null;
    }

    /**
     * @param {Participant[]} sharing
     * @param {import("./grid-layout.js").Rect[]} places
     */
    #drawScreens(sharing, places) {
        const here = new Set(sharing.map(({ id }) => id));
        for (const [id, tile] of this.#screens) {
            if (here.has(id)) continue;
            tile.release();
            this.#screens.delete(id);
        }
        for (const [index, participant] of sharing.entries()) {
            const place = places[index];
            if (!place) continue;
            const tile = this.#screens.get(participant.id) ?? new ScreenTile();
            if (!tile.isConnected) this.#area.prepend(tile);
            this.#screens.set(participant.id, tile);
            tile.place(place);
            tile.show(participant, this.#options.media.stream(participant.id, "screen"));
        }
    }

    /**
     * @param {string[]} shown
     * @param {import("./grid-layout.js").Rect[]} places
     * @param {Participant[]} sharing
     * @returns {Wanted[]}
     */
    #wanted(shown, places, sharing) {
        const { meeting } = this.#options;
        /** @type {Wanted[]} */
        const screens = sharing.map(({ id }) => ({ participant: id, source: "screen", layer: 2 }));
        /** @type {Wanted[]} */
        const cameras = shown.flatMap((id, index) => {
            const participant = meeting.participant(id);
            const watched = id !== meeting.self && participant?.publishing && participant.state.camera;
            return watched ? [{ participant: id, source: "camera", layer: layerFor(places[index]?.width ?? 0) }] : [];
        });
        return [...screens, ...cameras];
    }

    /** @param {ResizeObserver} observer */
    #close(observer) {
        this.#closed = true;
        observer.disconnect();
        cancelAnimationFrame(this.#frame);
        for (const tile of [...this.#tiles.values(), ...this.#screens.values()]) tile.release();
    }
}

/** @param {number} width CSS pixels. */
function layerFor(width) {
    const pixels = width * Math.min(2, devicePixelRatio || 1);
    if (pixels < middleFrom) return 0;
    return pixels < largeFrom ? 1 : 2;
}
