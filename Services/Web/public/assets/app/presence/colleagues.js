// @ts-check
import { api, colleaguesAtOnce } from "../../lib/api.js";
import { h, icon, mount, setText } from "../../lib/dom.js";
import { isAbort } from "../../lib/errors.js";
import { checkField } from "../../lib/fields.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { pollWhileVisible } from "../../lib/page.js";
import { openColleagueInvitation } from "../invitations/colleague-invitation.js";
import { ColleagueRow } from "./colleague-row.js";
import { mostPeople, PeopleList } from "./people-list.js";
import { PresenceEvent } from "./presence-event.js";
import { textMilliseconds, unknownText } from "./presence-text.js";
import { presence } from "./presence.js";

/** @typedef {import("../../lib/wire.js").Colleague} Colleague */

/** Names change seldom. */
const namesMilliseconds = 300_000;
/** Until the names could be read, it is tried so often. */
const retryMilliseconds = 15_000;
/** Somebody who types does not ask with every letter. */
const debounceMilliseconds = 300;
/** From so many on, a search is a help. */
const searchable = 9;

/** The people of one's organization, and whether they can be reached. */
export class Colleagues extends HTMLElement {
    #session;
    #controller = new AbortController();
    /** Of the search that is under way. */
    #asking = new AbortController();
    #searchTimer = 0;
    #list;
    #isRead = false;
    #readAt = 0;
    #hasFailed = false;
    /**
     * Whom the search found, by account.
     * @type {Map<string, Colleague>}
     */
    #found = new Map();
    /** Whether nobody else fits. */
    #isAllFound = true;
    /** @type {Map<string, ColleagueRow>} */
    #rows = new Map();
    /** Of the next arrangement. */
    #frame = 0;
    // It scrolls when it is long, so the keyboard must reach it.
    #listElement = h("ul", { class: "colleague-list", tabindex: 0, "aria-labelledby": "colleagues-title" });
    #message = h("p", { class: "muted small", role: "status" });
    #search = h("input", {
        class: "input",
        type: "search",
        "aria-label": tr("colleagues.search"),
        placeholder: tr("colleagues.searchShort"),
        autocomplete: "off",
        oninput: () => this.#searchSoon(),
    });
    #hideOffline = checkField({ label: tr("colleagues.hideOffline"), name: "hideOffline", onchange: () => this.#render() });
    #tools = h(
        "div",
        { class: "colleague-tools", hidden: true },
        h("div", { class: "input-frame" }, h("span", { class: "input-prefix" }, icon("search")), this.#search),
        this.#hideOffline.element,
    );

    /** @param {import("../../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#session = session;
        this.#list = new PeopleList((wanted, signal) => api.colleaguePage(wanted, signal), session.account);
    }

    connectedCallback() {
        this.#controller = new AbortController();
        const { signal } = this.#controller;
        mount(
            this,
            h(
                "section",
                { class: "card colleagues", "aria-labelledby": "colleagues-title" },
                h("h2", { id: "colleagues-title" }, tr("colleagues.title")),
                this.#tools,
                this.#message,
                this.#listElement,
            ),
        );
        presence.addEventListener("presence", (event) => this.#changed(/** @type {PresenceEvent} */ (event).account), { signal });
        onLanguageChange(() => this.#render(), signal);
        pollWhileVisible(() => this.#readNames(), retryMilliseconds, signal);
        pollWhileVisible(async () => this.#showAll(), textMilliseconds, signal);
    }

    disconnectedCallback() {
        clearTimeout(this.#searchTimer);
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        this.#controller.abort();
        this.#asking.abort();
    }

    async #readNames() {
        if (this.#isRead && Date.now() - this.#readAt < namesMilliseconds) return;
        const { signal } = this.#controller;
        try {
            await this.#list.read(signal);
            if (signal.aborted) return;
            this.#isRead = true;
            this.#readAt = Date.now();
            await this.#find();
        } catch (error) {
            if (signal.aborted || isAbort(error)) return;
            // Said on the page when there is nothing to show; the next round tries again.
            this.#hasFailed = true;
            this.#render();
        }
    }

    #searchSoon() {
        clearTimeout(this.#searchTimer);
        // What is here already is found with every letter.
        if (this.#list.isWhole) void this.#find();
        else this.#searchTimer = window.setTimeout(() => this.#find(), debounceMilliseconds);
    }

    async #find() {
        this.#asking.abort();
        this.#asking = new AbortController();
        const { signal } = this.#asking;
        const text = this.#search.value.trim();
        try {
            const found = await this.#list.find(text, signal);
            if (signal.aborted) return;
            this.#take(found);
            this.#hasFailed = false;
        } catch (error) {
            if (signal.aborted || isAbort(error)) return;
            this.#take(this.#list.search(text));
            this.#hasFailed = true;
        }
        this.#render();
    }

    /** @param {import("./people-list.js").Found} found */
    #take({ people, isWhole }) {
        this.#found = new Map(people.map((person) => [person.account, person]));
        this.#isAllFound = isWhole;
    }

    /** @param {string | null} account */
    #changed(account) {
        if (account === null) return this.#render();
        this.#rows.get(account)?.show(presence.of(account));
        const person = this.#found.get(account);
        // Who comes or goes is in the list or not. Where many do at once, it is arranged once.
        if (person && this.#isWanted(person) !== this.#rows.has(account)) {
            this.#frame ||= requestAnimationFrame(() => {
                this.#frame = 0;
                this.#render();
            });
        }
    }

    #showAll() {
        for (const [account, row] of this.#rows) row.show(presence.of(account));
    }

    #render() {
        if (!this.#isRead) {
            setText(this.#message, this.#hasFailed ? t("colleagues.failed") : "");
            this.#message.hidden = !this.#hasFailed;
            return;
        }
        this.#tools.hidden = this.#list.isWhole && this.#list.people.length < searchable;
        const shown = [...this.#found.values()].filter((person) => this.#isWanted(person));
        this.#arrange(shown);
        this.#showAll();
        setText(this.#message, this.#messageText(shown.length));
        this.#message.hidden = this.#message.textContent === "";
    }

    /**
     * Whoever is worked on stays, also when they go.
     * @param {Colleague} person
     */
    #isWanted({ account }) {
        if (!this.#hideOffline.input.checked || presence.of(account)?.state !== "offline") return true;
        return this.#rows.get(account)?.element.contains(document.activeElement) ?? false;
    }

    /** @param {number} count of those that are shown */
    #messageText(count) {
        const text = this.#search.value.trim();
        if (this.#hasFailed) return t("colleagues.failed");
        if (this.#list.people.length === 0) return t("colleagues.none");
        if (this.#found.size === 0) return t("colleagues.noMatch", { text });
        const isUnknown = presence.barredUntil !== null || !(presence.isKnown || presence.isConnecting);
        return [isUnknown && unknownText(presence.barredUntil), this.#countText(text, count)].filter(Boolean).join(" ");
    }

    /**
     * @param {string} text that is searched for
     * @param {number} count
     */
    #countText(text, count) {
        if (count === 0) return t("colleagues.allOffline");
        if (text === "") return this.#list.isWhole ? "" : t("colleagues.many", { count: mostPeople });
        return this.#isAllFound ? t("colleagues.found", { count }) : t("colleagues.moreFound", { count: colleaguesAtOnce });
    }

    /**
     * Brings the rows into this order, keeping those that are there: nobody loses focus or place.
     * @param {Colleague[]} people
     */
    #arrange(people) {
        const rows = people.map((person) => this.#rowOf(person));
        this.#rows = new Map(rows.map((row) => [row.person.account, row]));
        const elements = rows.map(({ element }) => element);
        const wanted = new Set(elements);
        for (const element of [...this.#listElement.children]) if (!wanted.has(/** @type {HTMLLIElement} */ (element))) element.remove();
        let place = this.#listElement.firstElementChild;
        for (const element of elements) {
            if (place === element) place = place.nextElementSibling;
            else this.#listElement.insertBefore(element, place);
        }
    }

    /** @param {Colleague} person */
    #rowOf(person) {
        const known = this.#rows.get(person.account);
        if (known?.person.displayName === person.displayName) return known;
        return new ColleagueRow(person, this.#mayInvite ? (it) => openColleagueInvitation(it, this.#session.account) : null);
    }

    get #mayInvite() {
        return this.#session.permissions.includes("rooms.create");
    }
}

customElements.define("parley-colleagues", Colleagues);
