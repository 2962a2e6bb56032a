// @ts-check
import { h, hidden, icon, mount, newID, setText } from "../lib/dom.js";
import { t, tr } from "../lib/i18n.js";
import { roomLink, roomPath } from "../lib/links.js";
import { dateText, relativeText } from "../lib/time.js";
import { copyOrShow, openInvitation } from "./room-invitation.js";
import { isUnused, roomAge } from "./room-rules.js";

/** @typedef {import("../lib/wire.js").RoomView} RoomView */
/** @typedef {{ edit: (room: RoomView) => void, remove: (room: RoomView) => void }} RoomActions */

/** One room in the list. `update` changes only what is different, so that nobody loses the focus while the list is refreshed. */
export class RoomCard extends HTMLElement {
    #room;
    #actions;
    #titleID = newID("room");
    #title = h("h2", { class: "room-name", id: this.#titleID });
    #color = hidden();
    #lock = h("span", { class: "badge" }, icon("lock"), tr("room.locked"), hidden(" – ", tr("room.lockedText")));
    #link = h("a", { class: "room-link" });
    #description = h("p", { class: "room-description muted" });
    #inside = h("p", { class: "room-inside" });
    #age = h("p", { class: "room-age small muted" });
    #start = h("a", { class: "button button-primary", "aria-describedby": this.#titleID }, icon("play"), tr("room.start"));
    #copy = this.#button("link", "room.copyLink", () => copyOrShow(roomLink(this.#room.alias), tr("room.linkCopied")));
    #invite = this.#iconButton("mail", "room.invite", "room-invite", () => openInvitation(this.#room));

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
                    h(
                        "div",
                        { class: "room-tools" },
                        this.#iconButton("edit", "room.edit", "", () => this.#actions.edit(this.#room)),
                        this.#iconButton("trash", "room.delete", "icon-button-danger", () => this.#actions.remove(this.#room)),
                    ),
                ),
                this.#description,
                h("div", { class: "room-state" }, this.#inside, this.#lock),
                this.#age,
                h("div", { class: "room-actions" }, this.#start, this.#copy, this.#invite),
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
        this.#lock.hidden = !room.pin;
        this.#showInside(room.occupancy);
        this.#showAge();
    }

    /** @param {number | undefined} count */
    #showInside(count) {
        this.#inside.dataset["people"] = count ? "some" : "none";
        if (count === undefined) setText(this.#inside, tr("room.insideUnknown"));
        else setText(this.#inside, count === 0 ? tr("room.empty") : tr("room.inside", { count }));
    }

    #showAge() {
        const room = this.#room;
        const age = roomAge(room, Date.now());
        const expired = age.state === "expired";
        for (const action of [this.#start, this.#copy, this.#invite]) action.hidden = expired;
        const used = () => {
            if (room.occupancy) return t("room.usedNow");
            return isUnused(room) ? t("room.neverUsed") : t("room.used", { when: relativeText(room.lastUsedAt) });
        };
        const until = () => {
            if (age.state === "expired") return t("room.expired");
            return age.state === "soon" ? t("room.expiresSoon", { count: age.days }) : t("room.expires", { date: dateText(room.expiresAt) });
        };
        mount(this.#age, h("span", null, used), h("span", { class: age.state === "fine" ? "" : "badge badge-warning" }, until));
    }

    /**
     * @param {import("../lib/dom.js").IconName} mark
     * @param {string} key
     * @param {() => void} run
     */
    #button(mark, key, run) {
        return h("button", { class: "button", type: "button", "aria-describedby": this.#titleID, onclick: run }, icon(mark), tr(key));
    }

    /**
     * @param {import("../lib/dom.js").IconName} mark
     * @param {string} key
     * @param {string} className
     * @param {() => void} run
     */
    #iconButton(mark, key, className, run) {
        const properties = { class: ["icon-button", className], type: "button", title: tr(key), "aria-describedby": this.#titleID, onclick: run };
        return h("button", properties, icon(mark), hidden(tr(key)));
    }
}

customElements.define("parley-room-card", RoomCard);
