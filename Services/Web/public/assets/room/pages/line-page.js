// @ts-check
import { h, icon, mount } from "../../lib/dom.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { frame } from "./frame.js";

/**
 * @typedef {import("../protocol/messages.js").Waiting} Waiting
 *
 * @typedef {object} LinePageOptions
 * @property {string} room The room's name.
 * @property {number} seats
 * @property {() => void} cancel
 * @property {AbortSignal} signal Ends the page.
 */

/** @type {Record<Waiting["reason"], import("../../lib/dom.js").IconName>} */
const marks = { full: "people", lobby: "people", locked: "lock", moderator: "crown" };
/** @type {Record<Waiting["reason"], string>} */
const titles = { full: "message.full", lobby: "lobby.title", locked: "message.locked", moderator: "lobby.moderatorTitle" };
/** @type {Record<Waiting["reason"], string>} */
const texts = { full: "line.text", lobby: "lobby.text", locked: "lobby.lockedText", moderator: "lobby.moderatorText" };

/** Where one waits: for a seat of a full room, to be let in, or for somebody who begins the meeting. */
export class LinePage {
    #seats;
    /** @type {Waiting | null} */
    #waiting = null;
    #mark = h("div", { class: "message-mark" });
    #title = h("h1", { class: "message-title", tabindex: -1, autofocus: true });
    #status = h("p", { class: "message-text", role: "status" });
    element;

    /** @param {LinePageOptions} options */
    constructor({ room, seats, cancel, signal }) {
        this.#seats = seats;
        this.element = frame(
            h("section", { class: "message" },
                this.#mark,
                room && h("p", { class: "message-room muted" }, room),
                this.#title,
                this.#status,
                h("div", { class: "spinner" }),
                h("div", { class: "message-actions" },
                    h("button", { class: "button button-large", type: "button", onclick: cancel }, tr("common.cancel")))));
        onLanguageChange(() => this.#show(), signal);
    }

    /** @param {Waiting | null} waiting */
    update(waiting) {
        if (waiting?.reason === this.#waiting?.reason && waiting?.position === this.#waiting?.position) return;
        this.#waiting = waiting;
        this.#show();
    }

    #show() {
        if (!this.#waiting) return;
        const { reason, position = 0 } = this.#waiting;
        mount(this.#mark, icon(marks[reason] ?? "people"));
        this.#title.textContent = t(titles[reason] ?? titles.lobby);
        this.#status.textContent = t(texts[reason] ?? texts.lobby, { seats: this.#seats, position });
    }
}
