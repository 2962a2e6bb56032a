// @ts-check
import { api } from "../../lib/api.js";
import { h, icon, mount, setText } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { ownProfile } from "../../lib/own-profile.js";
import { skeletonRows } from "./list-parts.js";
import { openPersonForm } from "./person-form.js";
import { personRow } from "./person-row.js";

/** @typedef {import("../../lib/wire.js").AccountView} AccountView */

/** Somebody who types does not ask with every letter. */
const debounceMilliseconds = 300;

/** The accounts of an organization. */
export class People extends HTMLElement {
    #session;
    #controller = new AbortController();
    /** Of the search that is under way. */
    #asking = new AbortController();
    #timer = 0;
    /** @type {AccountView[]} */
    #people = [];
    /** @type {string | undefined} */
    #cursor;
    #heading = h("h2", { tabindex: -1 }, tr("admin.people"));
    #list = h("ul", { class: "person-list" });
    #message = h("div", { role: "status" });
    #count = h("p", { class: "muted small", role: "status" });
    #more = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#read(false) }, tr("admin.more"));
    #search = h("input", {
        class: "input",
        type: "search",
        "aria-label": tr("people.search"),
        placeholder: tr("people.search"),
        autocomplete: "off",
        spellcheck: "false",
        oninput: () => this.#searchSoon(),
    });

    /** @param {import("../../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#session = session;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        mount(
            this,
            h(
                "div",
                { class: "part-header" },
                h("div", { class: "grow" }, this.#heading, this.#count),
                h("button", { class: "button button-primary", type: "button", onclick: () => this.#open(null) }, icon("plus"), tr("people.add")),
            ),
            h("div", { class: "input-frame part-search" }, h("span", { class: "input-prefix" }, icon("search")), this.#search),
            this.#message,
            this.#list,
            h("p", { class: "more" }, this.#more),
        );
        mount(this.#list, ...skeletonRows());
        void this.#read(true);
    }

    disconnectedCallback() {
        clearTimeout(this.#timer);
        this.#controller.abort();
        this.#asking.abort();
    }

    #searchSoon() {
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => this.#read(true), debounceMilliseconds);
    }

    /** @param {boolean} anew from the beginning */
    async #read(anew) {
        if (!anew && this.#more.getAttribute("aria-busy") === "true") return;
        this.#asking.abort();
        this.#asking = new AbortController();
        const { signal } = this.#asking;
        this.#more.setAttribute("aria-busy", "true");
        try {
            const search = this.#search.value.trim();
            const page = await api.administration.accounts({ search, cursor: anew ? undefined : this.#cursor }, signal);
            if (signal.aborted) return;
            const known = anew ? [] : this.#people;
            this.#people = [...known, ...page.items];
            this.#cursor = page.nextCursor;
            mount(this.#message);
            this.#render();
            // From the button, which may be gone, to the first of the new ones.
            if (!anew) this.#list.children[known.length]?.querySelector("button")?.focus();
        } catch (error) {
            if (!signal.aborted) this.#showFailure(error);
        } finally {
            if (!signal.aborted) this.#more.removeAttribute("aria-busy");
        }
    }

    /** @param {unknown} error */
    #showFailure(error) {
        const again = h("button", { class: "button", type: "button", onclick: () => this.#read(true) }, icon("refresh"), tr("common.tryAgain"));
        mount(this.#message, notice("warning", h("p", null, () => errorText(error)), again));
        if (this.#people.length === 0) mount(this.#list);
    }

    #render() {
        const search = this.#search.value.trim();
        const count = this.#people.length;
        setText(this.#count, count === 0 ? t("people.noMatch", { text: search }) : t(this.#cursor ? "people.countMore" : "people.counted", { count }));
        mount(this.#list, ...this.#people.map((person) => personRow(person, person.account === this.#session.account, () => this.#open(person))));
        this.#more.hidden = this.#cursor === undefined;
    }

    /** @param {AccountView | null} person */
    #open(person) {
        openPersonForm(person, {
            session: this.#session,
            changed: (account) => this.#put(account),
            removed: (account) => this.#remove(account),
        });
    }

    /** @param {AccountView} account */
    #put(account) {
        const index = this.#people.findIndex((one) => one.account === account.account);
        if (index < 0) this.#people = [account, ...this.#people];
        else this.#people[index] = account;
        this.#render();
        if (account.account === this.#session.account) void ownProfile.load().catch(() => {});
        this.#focusOn(account.account);
    }

    /** @param {AccountView} account */
    #remove(account) {
        this.#people = this.#people.filter((one) => one.account !== account.account);
        this.#render();
        this.#heading.focus();
    }

    /**
     * The rows are new: the one that was worked on has the focus again, unless a dialog is open.
     * @param {string} account
     */
    #focusOn(account) {
        if (document.querySelector("dialog[open]")) return;
        const row = [...this.#list.children].find((one) => /** @type {HTMLElement} */ (one).dataset["account"] === account);
        row?.querySelector("button")?.focus();
    }
}

customElements.define("parley-people", People);
