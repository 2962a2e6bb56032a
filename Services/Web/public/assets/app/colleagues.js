// @ts-check
import { api } from "../lib/api.js";
import { h, hidden, icon, mount, setText } from "../lib/dom.js";
import { t, tr } from "../lib/i18n.js";
import { pollWhileVisible } from "../lib/page.js";
import { avatar } from "./avatar.js";

/** @typedef {import("../lib/wire.js").Colleague} Colleague */
/** @typedef {import("../lib/wire.js").PresenceState | "inMeeting" | "unknown"} Shown */

const presenceMilliseconds = 15_000;
/** Names change seldom. */
const namesMilliseconds = 300_000;
/** From so many on, a search is a help. */
const searchable = 9;

/** The people of one's organization, and whether they are in a meeting. */
export class Colleagues extends HTMLElement {
    #session;
    #controller = new AbortController();
    /**
     * `null` until they are known.
     * @type {Colleague[] | null}
     */
    #people = null;
    #namesReadAt = 0;
    /**
     * By account; `null` when presence can't be read.
     * @type {Map<string, Shown> | null}
     */
    #presence = new Map();
    // It scrolls when it is long, so the keyboard must reach it.
    #list = h("ul", { class: "colleague-list", tabindex: 0, "aria-labelledby": "colleagues-title" });
    #message = h("p", { class: "muted small", role: "status" });
    #search = h("input", {
        class: "input",
        type: "search",
        "aria-label": tr("colleagues.search"),
        placeholder: tr("colleagues.searchShort"),
        autocomplete: "off",
        oninput: () => this.#render(),
    });
    #searchFrame = h("div", { class: "input-frame", hidden: true }, h("span", { class: "input-prefix" }, icon("search")), this.#search);

    /** @param {import("../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#session = session;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        mount(
            this,
            h(
                "section",
                { class: "card colleagues", "aria-labelledby": "colleagues-title" },
                h("h2", { id: "colleagues-title" }, tr("colleagues.title")),
                this.#searchFrame,
                this.#message,
                this.#list,
            ),
        );
        this.#render();
        pollWhileVisible(() => this.#refresh(), presenceMilliseconds, this.#controller.signal);
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    async #refresh() {
        const { signal } = this.#controller;
        await Promise.all([this.#readNames(signal), this.#readPresence(signal)]);
        if (!signal.aborted) this.#render();
    }

    /** @param {AbortSignal} signal */
    async #readNames(signal) {
        if (Date.now() - this.#namesReadAt < namesMilliseconds) return;
        try {
            const people = await api.colleagues(signal);
            this.#people = people.filter(({ account }) => account !== this.#session.account);
            this.#namesReadAt = Date.now();
        } catch {
            // Said on the page when there is nothing to show; the next round tries again.
            if (!this.#people && !signal.aborted) setText(this.#message, tr("colleagues.failed"));
        }
    }

    /** @param {AbortSignal} signal */
    async #readPresence(signal) {
        try {
            const { items } = await api.presence(signal);
            this.#presence = new Map(items.map(({ account, state, note }) => [account, note === "in_meeting" ? "inMeeting" : state]));
        } catch {
            if (!signal.aborted) this.#presence = null;
        }
    }

    #render() {
        if (!this.#people) return;
        this.#searchFrame.hidden = this.#people.length < searchable;
        const wanted = this.#search.value.trim().toLocaleLowerCase();
        const people = this.#people.filter(({ displayName }) => displayName.toLocaleLowerCase().includes(wanted));
        setText(this.#message, this.#messageText(people.length, this.#search.value.trim()));
        this.#message.hidden = this.#message.textContent === "";
        mount(this.#list, ...people.map((person) => entry(person, this.#presence ? this.#presence.get(person.account) ?? "available" : "unknown")));
    }

    /**
     * @param {number} shown
     * @param {string} text
     */
    #messageText(shown, text) {
        if (this.#people?.length === 0) return t("colleagues.none");
        if (shown === 0) return t("colleagues.noMatch", { text });
        return this.#presence ? "" : t("colleagues.stale");
    }
}

/**
 * @param {Colleague} person
 * @param {Shown} state
 */
function entry(person, state) {
    return h(
        "li",
        { class: "colleague" },
        h("span", { class: "colleague-avatar" }, avatar(person.displayName), h("span", { class: "presence-mark", dataset: { state } })),
        h(
            "span",
            { class: "colleague-text" },
            h("span", { class: "colleague-name" }, person.displayName),
            hidden(", "),
            h("span", { class: "colleague-state", dataset: { state } }, tr(`presence.${state}`)),
        ),
    );
}

customElements.define("parley-colleagues", Colleagues);
