// @ts-check
import { api, ApiError } from "../lib/api.js";
import { confirmDialog } from "../lib/dialog.js";
import { h, icon, mount, setText } from "../lib/dom.js";
import { errorText } from "../lib/errors.js";
import { notice } from "../lib/fields.js";
import { language, onLanguageChange, t, tr } from "../lib/i18n.js";
import { pollWhileVisible } from "../lib/page.js";
import { read, write } from "../lib/preferences.js";
import { toast } from "../lib/toast.js";
import { RoomCard } from "./room-card.js";
import { openRoomForm } from "./room-form.js";
import { arrangeRooms } from "./room-rules.js";
import { skeletons } from "./room-skeletons.js";

/** @typedef {import("../lib/wire.js").RoomView} RoomView */
/** @typedef {"name" | "used"} Order */

const pollMilliseconds = 10_000;
/** From so many rooms on, a search is a help. */
const searchable = 7;

/**
 * @param {unknown} value
 * @returns {value is Order}
 */
function isOrder(value) {
    return value === "name" || value === "used";
}

/** The rooms of the signed-in person. */
export class Rooms extends HTMLElement {
    #mayCreate;
    #controller = new AbortController();
    /**
     * `null` until they are known.
     * @type {RoomView[] | null}
     */
    #rooms = null;
    /** Reads that began before the last change know less than we do. */
    #changes = 0;
    /** @type {Map<string, RoomCard>} */
    #cards = new Map();
    #heading = h("h1", { tabindex: -1 }, tr("rooms.title"));
    #count = h("p", { class: "muted" });
    #notice = h("div", { class: "rooms-notice", role: "status" });
    #place = h("div", null);
    #grid = h("div", { class: "room-grid" });
    #noMatch = h("p", { class: "muted", role: "status" });
    #search = h("input", {
        class: "input",
        type: "search",
        "aria-label": tr("rooms.search"),
        placeholder: tr("rooms.search"),
        autocomplete: "off",
        oninput: () => this.#render(),
    });
    #searchFrame = h("div", { class: "input-frame room-search" }, h("span", { class: "input-prefix" }, icon("search")), this.#search);
    #order = read("roomOrder", isOrder, /** @type {Order} */ ("used"));
    #orderSelect = this.#orderSwitch();
    #tools = h("div", { class: "room-list-tools picker-compact", hidden: true }, this.#searchFrame, this.#orderSelect);

    /** @param {import("../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#mayCreate = session.permissions.includes("rooms.create");
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
            this.#tools,
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
        const before = this.#changes;
        try {
            const rooms = await api.rooms.list(signal);
            if (signal.aborted || before !== this.#changes) return;
            this.#rooms = rooms;
            mount(this.#notice);
            this.#render();
        } catch (error) {
            if (!signal.aborted) this.#showFailure(error);
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
        this.#tools.hidden = rooms.length < 2;
        this.#searchFrame.hidden = rooms.length < searchable;
        if (this.#searchFrame.hidden) this.#search.value = "";
        setText(this.#count, rooms.length > 0 ? t("rooms.count", { count: rooms.length }) : "");
        if (rooms.length === 0) return this.#showWithout();
        const shown = arrangeRooms(rooms, { order: this.#order, search: this.#search.value, language: language() });
        setText(this.#noMatch, shown.length === 0 ? t("rooms.noMatch", { text: this.#search.value.trim() }) : "");
        if (!this.#grid.isConnected) mount(this.#place, this.#grid, this.#noMatch);
        return this.#arrange(shown);
    }

    /**
     * Brings the cards into this order, keeping those that are there.
     * @param {RoomView[]} rooms
     */
    #arrange(rooms) {
        const focused = document.activeElement;
        const wanted = rooms.map((room) => {
            const card = this.#cards.get(room.id) ?? new RoomCard(room, { edit: (it) => this.#edit(it), remove: (it) => void this.#remove(it) });
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
        if (focused instanceof HTMLElement && this.contains(focused)) focused.focus({ preventScroll: true });
    }

    /** No room: say why, and what to do. */
    #showWithout() {
        this.#tools.hidden = true;
        mount(
            this.#place,
            h(
                "div",
                { class: "card empty" },
                h("img", { src: "/assets/img/empty.svg", alt: "", width: 200, height: 132 }),
                h("h2", null, tr(this.#mayCreate ? "rooms.none" : "rooms.notAllowed")),
                h("p", null, tr(this.#mayCreate ? "rooms.noneText" : "rooms.notAllowedText")),
            ),
        );
    }

    #newButton() {
        return h(
            "button",
            { class: "button button-primary new-room", type: "button", onclick: () => openRoomForm(null, (room) => this.#put(room)) },
            icon("plus"),
            tr("rooms.new"),
        );
    }

    /** @param {RoomView} room */
    #edit(room) {
        openRoomForm(room, (changed) => this.#put(changed));
    }

    /**
     * A room is new or changed.
     * @param {RoomView} room
     */
    #put(room) {
        this.#changes += 1;
        const known = this.#rooms?.find(({ id }) => id === room.id);
        // An answer to a change may come without the occupancy that we know.
        const whole = { ...room, occupancy: room.occupancy ?? known?.occupancy };
        this.#rooms = [...(this.#rooms ?? []).filter(({ id }) => id !== room.id), whole];
        this.#render();
    }

    /** @param {RoomView} room */
    async #remove(room) {
        const count = room.occupancy ?? 0;
        const confirmed = await confirmDialog({
            title: tr("delete.title", { name: room.name }),
            text: () => `${count > 0 ? `${t("delete.inside", { count })} ` : ""}${t("delete.text")}`,
            confirm: tr("room.delete"),
            danger: true,
        });
        if (!confirmed) return;
        try {
            await api.rooms.remove(room.id, room.version);
        } catch (error) {
            const gone = error instanceof ApiError && ["not_found", "room_not_found"].includes(error.code);
            if (!gone) {
                toast(() => errorText(error), { kind: "error" });
                void this.#refresh();
                return;
            }
        }
        this.#changes += 1;
        this.#rooms = (this.#rooms ?? []).filter(({ id }) => id !== room.id);
        this.#render();
        toast(tr("delete.done", { name: room.name }), { kind: "success" });
        this.focusHeading();
    }

    #orderSwitch() {
        const labels = { used: tr("rooms.sortUsed"), name: tr("rooms.sortName") };
        const select = h(
            "select",
            {
                class: "picker-select",
                "aria-label": tr("rooms.sort"),
                onchange: () => {
                    this.#order = select.value === "name" ? "name" : "used";
                    write("roomOrder", this.#order);
                    this.#render();
                },
            },
            ...Object.entries(labels).map(([value, label]) => h("option", { value, selected: value === this.#order }, label)),
        );
        return h("span", { class: "picker" }, icon("sort"), select, icon("chevron"));
    }
}

customElements.define("parley-rooms", Rooms);
