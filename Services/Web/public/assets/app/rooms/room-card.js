// @ts-check
import { h, hidden, icon, mount, newID, set, setText } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { roomLink, roomPath } from "../../lib/links.js";
import { menuButton } from "../../lib/menu.js";
import { startText } from "../../lib/occurrence.js";
import { dateText, relativeText } from "../../lib/time.js";
import { copyOrShow } from "../invitations/copy.js";
import { markBadge, marksOf } from "./room-marks.js";
import { isUnused, roomAge } from "./room-rules.js";

/** @typedef {import("../../lib/wire-directory.js").RoomView} RoomView */
/** @typedef {import("../../lib/dom.js").IconName} IconName */
/** @typedef {"edit" | "remove" | "renew" | "lock" | "invite" | "appointments" | "history" | "bans"} RoomAction */
/** @typedef {{ run: (action: RoomAction, room: RoomView) => void, move: (room: RoomView, step: -1 | 1) => void }} RoomActions */

/** One room in the list. `update` changes only what is different, so that nobody loses the focus while the list is refreshed. */
export class RoomCard extends HTMLElement {
    #room;
    #actions;
    #titleID = newID("room");
    #title = h("h2", { class: "room-name", id: this.#titleID });
    #color = hidden();
    #marks = h("ul", { class: "badges room-marks", "aria-label": tr("room.marks") });
    #link = h("a", { class: "room-link" });
    #description = h("p", { class: "room-description muted" });
    #inside = h("p", { class: "room-inside" });
    #next = h("span", null);
    #appointment = h("p", { class: "room-next small" }, icon("calendar"), this.#next);
    #age = h("div", { class: "room-age small muted" });
    #start = h("a", { class: "button button-primary", "aria-describedby": this.#titleID }, icon("play"), tr("room.start"));
    #renew = this.#button("refresh", "room.renew", "button-primary", () => this.#actions.run("renew", this.#room));
    #copy = this.#button("link", "room.copyLink", "", () =>
        copyOrShow(roomLink(this.#room.alias), { done: tr("room.linkCopied"), title: tr("room.copyLink"), label: tr("room.link") }));
    #invite = this.#iconButton("mail", "room.invite", "room-invite", () => this.#actions.run("invite", this.#room));
    #plan = this.#iconButton("calendar", "room.appointments", "room-invite", () => this.#actions.run("appointments", this.#room));
    #moves = [this.#moveButton("up", "room.moveUp", -1), this.#moveButton("down", "room.moveDown", 1)];
    #menu = menuButton({ label: tr("room.more"), describedBy: this.#titleID, items: () => this.#items() });
    /** What is shown of marks and age, so that it is made anew only when it is different. */
    #shown = "";

    /**
     * @param {RoomView} room
     * @param {RoomActions} actions
     */
    constructor(room, actions) {
        super();
        this.#room = room;
        this.#actions = actions;
    }

    get room() {
        return this.#room;
    }

    connectedCallback() {
        if (this.childElementCount > 0) return;
        mount(
            this,
            h(
                "article",
                { class: "card room", "aria-labelledby": this.#titleID },
                h(
                    "header",
                    { class: "room-header" },
                    h("span", { class: "room-tile" }, icon("camera")),
                    h("div", { class: "room-heading" }, this.#title, this.#color, this.#link),
                    h("div", { class: "room-tools" }, ...this.#moves, this.#iconButton("edit", "room.edit", "room-edit", () => this.#actions.run("edit", this.#room)), this.#menu.element),
                ),
                h("div", { class: "room-about" }, this.#description, this.#marks),
                h("div", { class: "room-state" }, this.#inside, this.#appointment, this.#age),
                h("div", { class: "room-actions" }, this.#start, this.#renew, this.#copy, this.#invite, this.#plan),
            ),
        );
        this.update(this.#room);
    }

    /** @param {RoomView} room */
    update(room) {
        this.#room = room;
        this.dataset["color"] = room.color;
        setText(this.#title, room.name);
        setText(this.#color, tr("room.color", { color: t(`color.${room.color}`) }));
        setText(this.#link, roomLink(room.alias).replace(/^https?:\/\//, ""));
        this.#link.href = roomPath(room.alias);
        this.#start.href = roomPath(room.alias);
        setText(this.#description, room.description);
        this.#description.hidden = room.description === "";
        const { nextAppointment } = room;
        this.#appointment.hidden = !nextAppointment;
        if (nextAppointment) setText(this.#next, t("room.next", { when: startText(nextAppointment) }));
        this.#showInside(room.occupancy);
        this.#showMarks();
        this.#showAge();
    }

    /**
     * Whether the person arranges the rooms now, and how far this one can go.
     * @param {{ first: boolean, last: boolean } | null} place
     */
    arrange(place) {
        for (const [index, button] of this.#moves.entries()) {
            // Not disabled: that would lose the focus when the room has come to the end.
            set(button, { hidden: place === null, "aria-disabled": place !== null && (index === 0 ? place.first : place.last) ? "true" : null });
        }
    }

    /** @param {number | undefined} count */
    #showInside(count) {
        this.#inside.dataset["people"] = count ? "some" : "none";
        if (count === undefined) setText(this.#inside, t("room.insideUnknown"));
        else setText(this.#inside, count === 0 ? t("room.empty") : t("room.inside", { count }));
    }

    #showMarks() {
        const marks = marksOf(this.#room);
        this.#marks.hidden = marks.length === 0;
        const shown = JSON.stringify(marks);
        if (shown === this.#shown) return;
        this.#shown = shown;
        mount(this.#marks, ...marks.map(markBadge));
    }

    #showAge() {
        const room = this.#room;
        const age = roomAge(room, Date.now());
        const isOver = age.state === "expired";
        for (const action of [this.#start, this.#copy, this.#invite, this.#plan]) action.hidden = isOver;
        this.#renew.hidden = !isOver;
        const used = () => {
            if (room.occupancy) return t("room.usedNow");
            return isUnused(room) ? t("room.neverUsed") : t("room.used", { when: relativeText(room.lastUsedAt) });
        };
        const until = () => {
            const date = dateText(room.expiresAt);
            if (age.state === "expiring") return t("room.expiresSoon", { count: age.days, date });
            if (age.state === "fine") return t("room.expires", { date });
            return age.removedAt === null ? t("room.expired", { date }) : t("room.expiredUntil", { date, removed: dateText(age.removedAt) });
        };
        mount(
            this.#age,
            !isOver && h("span", null, used),
            age.state === "fine" ? h("span", null, until) : h("span", { class: ["room-warning", isOver && "room-over"] }, icon(isOver ? "warning" : "clock"), h("span", null, until)),
        );
    }

    /** What the menu offers now. */
    #items() {
        const room = this.#room;
        const item = (/** @type {IconName} */ mark, /** @type {RoomAction} */ action, /** @type {string} */ key, danger = false) => ({
            mark, label: tr(key), danger, run: () => this.#actions.run(action, room),
        });
        const isOver = room.age === "expired";
        return [
            isOver ? item("refresh", "renew", "room.renew") : item("mail", "invite", "room.invite"),
            item("calendar", "appointments", "room.appointments"),
            room.locked ? item("unlock", "lock", "room.unlock") : item("lock", "lock", "room.lock"),
            item("edit", "edit", "room.edit"),
            item("history", "history", "room.history"),
            item("ban", "bans", "room.bans"),
            ...(room.access === "owner" && !room.personal ? [item("trash", "remove", "room.delete", true)] : []),
        ];
    }

    /**
     * @param {IconName} mark
     * @param {string} key
     * @param {string} className
     * @param {() => void} run
     */
    #button(mark, key, className, run) {
        return h("button", { class: ["button", className], type: "button", "aria-describedby": this.#titleID, onclick: run }, icon(mark), tr(key));
    }

    /**
     * @param {IconName} mark
     * @param {string} key
     * @param {string} className
     * @param {() => void} run
     */
    #iconButton(mark, key, className, run) {
        const properties = { class: ["icon-button", className], type: "button", title: tr(key), "aria-describedby": this.#titleID, onclick: run };
        return h("button", properties, icon(mark), hidden(tr(key)));
    }

    /**
     * @param {IconName} mark
     * @param {string} key
     * @param {-1 | 1} step
     */
    #moveButton(mark, key, step) {
        return this.#iconButton(mark, key, "room-move", () => this.#actions.move(this.#room, step));
    }
}

customElements.define("parley-room-card", RoomCard);
