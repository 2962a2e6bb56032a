// @ts-check
import { h, icon } from "../../lib/dom.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { frame } from "./frame.js";

/**
 * @typedef {object} LinePageOptions
 * @property {string} room The room's name.
 * @property {number} seats
 * @property {() => void} cancel
 * @property {AbortSignal} signal Ends the page.
 */

/** Where one waits for a seat: the room is full, and the next free place goes to who came first. */
export class LinePage {
    #seats;
    #position = 0;
    #status = h("p", { class: "message-text", role: "status" });
    element;

    /** @param {LinePageOptions} options */
    constructor({ room, seats, cancel, signal }) {
        this.#seats = seats;
        this.element = frame(
            h("section", { class: "message" },
                h("div", { class: "message-mark" }, icon("people")),
                room && h("p", { class: "message-room muted" }, room),
                h("h1", { class: "message-title", tabindex: -1, autofocus: true }, tr("message.full")),
                this.#status,
                h("div", { class: "spinner" }),
                h("div", { class: "message-actions" },
                    h("button", { class: "button button-large", type: "button", onclick: cancel }, tr("common.cancel")))));
        onLanguageChange(() => this.#show(), signal);
    }

    /** @param {number} position 1 for who comes in next. */
    update(position) {
        if (position === this.#position) return;
        this.#position = position;
        this.#show();
    }

    #show() {
        this.#status.textContent = t("line.text", { seats: this.#seats, position: this.#position });
    }
}
