// @ts-check
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { avatar } from "./avatar.js";
import { Door } from "./door.js";
import { panel } from "./panel.js";

/**
 * @typedef {import("../protocol/messages.js").Participant} Participant
 * @typedef {import("../model/meeting.js").Meeting} Meeting
 */

/** Who is there. */
export class PeoplePanel {
    #meeting;
    #door;
    #list = h("ul", { class: "people-list", role: "list", "aria-label": tr("meet.people") });
    #count = h("p", { class: "people-count muted small" });
    element;

    /**
     * @param {Meeting} meeting
     * @param {() => void} close
     * @param {HTMLElement} invite
     * @param {import("./door.js").DoorActions} actions
     */
    constructor(meeting, close, invite, actions) {
        this.#meeting = meeting;
        this.#door = new Door(meeting, actions);
        this.element = panel("meet.people", close, this.#door.element, this.#count, this.#list, h("footer", { class: "panel-footer" }, invite));
    }

    /** @param {Set<string>} speaking */
    heard(speaking) {
        for (const row of this.#list.children) {
            row.classList.toggle("person-speaking", speaking.has(/** @type {HTMLElement} */ (row).dataset["person"] ?? ""));
        }
    }

    /** @param {Set<string>} speaking */
    update(speaking) {
        this.#door.update();
        const people = [...this.#meeting.participants].sort(byImportance);
        mount(this.#count, t("people.seats", { count: people.length, seats: this.#meeting.seats }));
        mount(this.#list, ...people.map((participant) => this.#row(participant, speaking.has(participant.id))));
    }

    /**
     * @param {Participant} participant
     * @param {boolean} speaking
     */
    #row({ id, name, role, guest, state, connected }, speaking) {
        const own = id === this.#meeting.self;
        return h("li", { class: ["person", speaking && "person-speaking", !connected && "person-lost"], dataset: { person: id } },
            avatar(name),
            h("div", { class: "person-words" },
                h("span", { class: "person-name" }, own ? t("tile.named", { name }) : name),
                h("span", { class: "person-notes" },
                    role === "moderator" && h("span", { class: "person-moderator" }, icon("crown"), t("tile.moderator")),
                    guest && role !== "moderator" && t("tile.guest"),
                    !connected && h("span", { class: "person-warning" }, icon("warning"), t("tile.lost")))),
            h("div", { class: "person-states" },
                state.handRaisedAt !== undefined && mark("hand", "tile.hand", "person-hand"),
                state.screen && mark("screen", "tile.sharing", "person-on"),
                state.microphone ? mark("mic", "tile.micOn", "person-on") : mark("mic-off", "tile.muted", ""),
                state.camera ? mark("camera", "tile.cameraOn", "person-on") : mark("camera-off", "tile.cameraOff", "")));
    }
}

/**
 * @param {import("../../lib/dom.js").IconName} name
 * @param {string} key
 * @param {string} look
 */
function mark(name, key, look) {
    return h("span", { class: ["person-mark", look], title: t(key) }, icon(name), hidden(t(key)));
}

/**
 * Moderators first, then raised hands in the order in which they were raised, then by arrival.
 *
 * @param {Participant} a
 * @param {Participant} b
 */
function byImportance(a, b) {
    const rank = (/** @type {Participant} */ { role }) => (role === "moderator" ? 0 : 1);
    const hand = (/** @type {Participant} */ { state }) => state.handRaisedAt ?? "9999";
    return rank(a) - rank(b) || hand(a).localeCompare(hand(b));
}
