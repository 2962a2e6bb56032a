// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h, hidden, icon, mount, setText } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { language, onLanguageChange, t, tr } from "../../lib/i18n.js";
import { Newest } from "../../lib/newest.js";
import { pollWhileVisible } from "../../lib/page.js";
import { toast } from "../../lib/toast.js";
import { listTools } from "./list-tools.js";
import { runRoomAction } from "./room-actions.js";
import { RoomCard } from "./room-card.js";
import { openRoomForm } from "./room-form.js";
import { arrangeRooms, moveRoom } from "./room-rules.js";
import { skeletons } from "./room-skeletons.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */

const pollMilliseconds = 10_000;

/** The rooms of the signed-in person. */
export class Rooms extends HTMLElement {
    #mayCreate;
    #own;
    #controller = new AbortController();
    /**
     * In one's own order; `null` until they are known.
     * @type {RoomView[] | null}
     */
    #rooms = null;
    /** Reads that began before the last change know less than we do, as do those that began before another one. */
    #reads = new Newest();
    /** @type {Map<string, RoomCard>} */
    #cards = new Map();
    #heading = h("h1", { tabindex: -1 }, tr("rooms.title"));
    #count = h("p", { class: "muted" });
    #notice = h("div", { class: "rooms-notice", role: "status" });
    #place = h("div", null);
    #grid = h("div", { class: "room-grid" });
    #noMatch = h("p", { class: "muted", role: "status" });
    /** What is said of a room that was moved. */
    #moved = hidden();
    #tools = listTools(() => this.#render());
    /** Orders are stored one after the other, so that the last one stays. */
    #storing = Promise.resolve();
    /**
     * What is still to be stored.
     * @type {string[] | null}
     */
    #wantedOrder = null;

    /** @param {import("../../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#mayCreate = session.permissions.includes("rooms.create");
        this.#own = session.account;
        this.#moved.setAttribute("role", "status");
    }

    connectedCallback() {
        this.#controller = new AbortController();
        const { signal } = this.#controller;
        mount(
            this,
            h(
                "header",
                { class: "rooms-header" },
                h("div", { class: "grow" }, this.#heading, this.#count),
                this.#mayCreate && this.#newButton(),
            ),
            this.#tools.element,
            this.#moved,
            this.#notice,
            this.#place,
        );
        mount(this.#place, skeletons());
        onLanguageChange(() => this.#render(), signal);
        pollWhileVisible(() => this.#refresh(), pollMilliseconds, signal);
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    focusHeading() {
        this.#heading.focus();
    }

    async #refresh() {
        const { signal } = this.#controller;
        // What is read before the order is stored has the one of before.
        await this.#storing;
        const isNewest = this.#reads.begin();
        try {
            const rooms = await api.rooms.list(signal);
            if (signal.aborted || !isNewest()) return;
            this.#rooms = rooms;
            mount(this.#notice);
            this.#render();
        } catch (error) {
            if (!signal.aborted && isNewest()) this.#showFailure(error);
        }
    }

    /** @param {unknown} error */
    #showFailure(error) {
        if (error instanceof ApiError && error.code === "forbidden") return this.#showWithout();
        if (this.#rooms) return mount(this.#notice, notice("warning", tr("rooms.stale")));
        const again = h("button", { class: "button", type: "button", onclick: () => this.#refresh() }, icon("refresh"), tr("common.tryAgain"));
        return mount(this.#place, h("div", { class: "card empty" }, h("p", { role: "status" }, () => errorText(error)), again));
    }

    #render() {
        const rooms = this.#rooms;
        if (!rooms) return;
        const { order, look, search } = this.#tools;
        this.#tools.show(rooms.length);
        setText(this.#count, rooms.length > 0 ? t("rooms.count", { count: rooms.length }) : "");
        if (rooms.length === 0) return this.#showWithout();
        const shown = arrangeRooms(rooms, { order, search, language: language() });
        setText(this.#noMatch, shown.length === 0 ? t("rooms.noMatch", { text: search }) : "");
        this.#grid.dataset["look"] = rooms.length < 2 ? "cards" : look;
        if (!this.#grid.isConnected) mount(this.#place, this.#grid, this.#noMatch);
        this.#arrange(shown);
        // Among found rooms, "further up" would not say before which room.
        const isArranged = order === "own" && search === "" && rooms.length > 1;
        for (const [index, { id }] of shown.entries()) {
            this.#cards.get(id)?.arrange(isArranged ? { first: index === 0, last: index === shown.length - 1 } : null);
        }
    }

    /**
     * Brings the cards into this order, keeping those that are there.
     * @param {RoomView[]} rooms
     */
    #arrange(rooms) {
        const focused = document.activeElement;
        const wanted = rooms.map((room) => {
            const card = this.#cards.get(room.id) ?? this.#newCard(room);
            this.#cards.set(room.id, card);
            card.update(room);
            return card;
        });
        for (const card of [...this.#grid.children]) if (!wanted.includes(/** @type {RoomCard} */ (card))) card.remove();
        for (const [index, card] of wanted.entries()) {
            if (this.#grid.children[index] !== card) this.#grid.insertBefore(card, this.#grid.children[index] ?? null);
        }
        const known = new Set(this.#rooms?.map(({ id }) => id));
        for (const id of [...this.#cards.keys()]) if (!known.has(id)) this.#cards.delete(id);
        if (focused instanceof HTMLElement && focused !== document.activeElement && this.contains(focused)) focused.focus({ preventScroll: true });
    }

    /** @param {RoomView} room */
    #newCard(room) {
        const home = {
            own: this.#own,
            put: (/** @type {RoomView} */ it) => this.#put(it),
            drop: (/** @type {RoomView} */ it) => this.#drop(it),
            refresh: () => void this.#refresh(),
        };
        return new RoomCard(room, { run: (action, it) => runRoomAction(action, it, home), move: (it, step) => this.#move(it, step) });
    }

    /** No room: say why, and what to do. */
    #showWithout() {
        this.#tools.show(0);
        mount(
            this.#place,
            h(
                "div",
                { class: "card empty" },
                h("img", { src: "/assets/img/empty.svg", alt: "", width: 200, height: 132 }),
                h("h2", null, tr(this.#mayCreate ? "rooms.none" : "rooms.notAllowed")),
                h("p", null, tr(this.#mayCreate ? "rooms.noneText" : "rooms.notAllowedText")),
                this.#mayCreate && h("ol", { class: "first-steps" }, ...[1, 2, 3].map((step) => h("li", null, tr(`rooms.step.${step}`)))),
            ),
        );
    }

    #newButton() {
        return h(
            "button",
            { class: "button button-primary new-room", type: "button", onclick: () => openRoomForm(null, { own: this.#own, saved: (room) => this.#put(room) }) },
            icon("plus"),
            tr("rooms.new"),
        );
    }

    /**
     * A room is new or changed.
     * @param {RoomView} room
     */
    #put(room) {
        this.#reads.begin();
        const rooms = this.#rooms ?? [];
        const known = rooms.find(({ id }) => id === room.id);
        // An answer to a change may come without what is known from elsewhere.
        const whole = { ...room, occupancy: room.occupancy ?? known?.occupancy };
        this.#rooms = known ? rooms.map((one) => (one === known ? whole : one)) : [...rooms, whole];
        this.#render();
    }

    /** @param {RoomView} room */
    #drop(room) {
        this.#reads.begin();
        this.#rooms = (this.#rooms ?? []).filter(({ id }) => id !== room.id);
        this.#render();
        this.focusHeading();
    }

    /**
     * @param {RoomView} room
     * @param {-1 | 1} step
     */
    #move(room, step) {
        const arranged = moveRoom(this.#rooms ?? [], room.id, step);
        if (!arranged) return;
        this.#reads.begin();
        this.#rooms = arranged;
        this.#wantedOrder = arranged.map(({ id }) => id);
        this.#render();
        const place = arranged.findIndex(({ id }) => id === room.id) + 1;
        setText(this.#moved, t("rooms.moved", { name: room.name, place, count: arranged.length }));
        this.#storing = this.#storing.then(() => this.#store());
    }

    async #store() {
        const order = this.#wantedOrder;
        // One that came after it has taken it along.
        if (order === null) return;
        this.#wantedOrder = null;
        try {
            await api.rooms.arrange(order);
        } catch (error) {
            toast(() => errorText(error), { kind: "error" });
            void this.#refresh();
        }
    }
}

customElements.define("parley-rooms", Rooms);
