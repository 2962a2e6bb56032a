// @ts-check
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";
import { timeText } from "../../lib/time.js";
import { avatar } from "./avatar.js";

/**
 * @typedef {import("../protocol/messages.js").LobbyPerson} LobbyPerson
 * @typedef {import("../model/meeting.js").Meeting} Meeting
 *
 * @typedef {object} DoorActions
 * @property {(people?: string[]) => void} admit All who wait when it is left out.
 * @property {(person: string) => void} deny
 * @property {(locked: boolean) => void} lock
 */

/** What moderators do about who comes in: the lock, and the list of those who wait. */
export class Door {
    #meeting;
    #actions;
    #state = h("p", { class: "door-state" });
    #lock = h("button", { class: "button", type: "button", onclick: () => this.#actions.lock(!this.#meeting.locked) });
    #title = h("h3", { class: "door-title" });
    #all = h("button", { class: "button button-quiet", type: "button", onclick: () => this.#actions.admit() });
    #list = h("ul", { class: "people-list", role: "list" });
    #waiting = h("div", { class: "door-waiting", hidden: true }, h("div", { class: "door-row" }, this.#title, this.#all), this.#list);
    #shown = "";
    element = h("section", { class: "door", hidden: true }, h("div", { class: "door-row" }, this.#state, this.#lock), this.#waiting);

    /**
     * @param {Meeting} meeting
     * @param {DoorActions} actions
     */
    constructor(meeting, actions) {
        this.#meeting = meeting;
        this.#actions = actions;
    }

    update() {
        const { isModerator, locked, lobby } = this.#meeting;
        this.element.hidden = !isModerator;
        // In another language everything is another text.
        const shown = JSON.stringify([t("lobby.waiting"), locked, lobby]);
        if (shown === this.#shown) return;
        this.#shown = shown;
        mount(this.#state, icon(locked ? "lock" : "unlock"), t(locked ? "door.locked" : "door.open"));
        mount(this.#lock, t(locked ? "door.unlock" : "door.lock"));
        mount(this.#title, `${t("lobby.waiting")} (${lobby.length})`);
        mount(this.#all, t("lobby.admitAll"));
        this.#list.setAttribute("aria-label", t("lobby.waiting"));
        this.#keepingFocus(() => {
            this.#all.hidden = lobby.length < 2;
            mount(this.#list, ...lobby.map((person) => this.#row(person)));
            this.#waiting.hidden = lobby.length === 0;
        });
    }

    /**
     * Who has answered one goes on with the next; who has answered all, with the lock.
     *
     * @param {() => void} change
     */
    #keepingFocus(change) {
        const rows = () => [...this.#list.querySelectorAll("li")];
        const before = rows();
        const focused = before.findIndex((row) => row.contains(document.activeElement));
        const active = /** @type {HTMLElement | null} */ (document.activeElement);
        const wasInside = this.#waiting.contains(active);
        const action = active?.dataset["action"] ?? "admit";
        const person = before[focused]?.dataset["person"];
        change();
        // What was hidden keeps the focus until the page is drawn, and loses it then.
        if (!active || !wasInside || (this.#waiting.contains(active) && !active.closest("[hidden]"))) return;
        const after = rows();
        const next = after.find((row) => row.dataset["person"] === person) ?? after[Math.max(0, Math.min(focused, after.length - 1))];
        const button = next?.querySelector(`[data-action="${action}"]`);
        (button instanceof HTMLElement ? button : this.#lock).focus();
    }

    /** @param {LobbyPerson} person */
    #row({ id, name, guest, colleague, since }) {
        const kind = guest ? "tile.guest" : colleague ? "lobby.colleague" : "lobby.otherOrganization";
        return h("li", { class: "person", dataset: { person: id } },
            avatar(name),
            h("div", { class: "person-words" },
                h("span", { class: "person-name" }, name),
                h("span", { class: "person-notes" }, t("lobby.since", { kind: t(kind), time: timeText(since) }))),
            h("div", { class: "door-answers" },
                h("button", { class: "button button-primary", type: "button", dataset: { action: "admit" }, onclick: () => this.#actions.admit([id]) },
                    t("lobby.admit"), hidden(` ${name}`)),
                h("button", { class: "button button-quiet", type: "button", dataset: { action: "deny" }, onclick: () => this.#actions.deny(id) },
                    t("lobby.deny"), hidden(` ${name}`))));
    }
}
