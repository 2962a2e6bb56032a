// @ts-check
import { h, hidden, icon, mount, setText } from "../lib/dom.js";
import { tr } from "../lib/i18n.js";
import { ownProfile } from "../lib/own-profile.js";
import { appearanceSwitch, languageSwitch } from "../lib/switches.js";
import { avatar } from "./avatar.js";
import { OwnPresenceButton, OwnPresenceMark } from "./presence/own-presence.js";

/** @typedef {import("../lib/wire.js").SessionView} SessionView */

export function brand() {
    return h(
        "span",
        { class: "brand" },
        h("img", { src: "/assets/img/logo.svg", alt: "", width: 36, height: 36 }),
        h("span", { class: "brand-name" }, "Parley"),
    );
}

/**
 * Whether somebody administers an organization.
 * @param {SessionView} session
 */
export function isAdministrator({ permissions }) {
    return permissions.includes("organization.admin") || permissions.includes("system.admin");
}

/** On every page of a signed-in person. */
export class AppHeader extends HTMLElement {
    #session;
    #signOut;
    #controller = new AbortController();
    #avatar = h("span", { class: "person-picture" });
    #name = h("span", { class: "person-name" });
    #organization = h("span", { class: "person-organization muted small" });

    /**
     * @param {SessionView} session
     * @param {() => void} signOut
     */
    constructor(session, signOut) {
        super();
        this.#session = session;
        this.#signOut = signOut;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        const here = (/** @type {string} */ path) => (location.pathname === path ? "page" : null);
        mount(
            this,
            h(
                "header",
                { class: "app-header picker-compact" },
                h("a", { class: "brand-link", href: "/", "aria-label": "Parley", dataset: { page: "" } }, brand()),
                h("div", { class: "grow" }),
                isAdministrator(this.#session) &&
                    h(
                        "a",
                        { class: "button button-quiet header-button", href: "/admin", title: tr("admin.title"), "aria-current": here("/admin"), dataset: { page: "" } },
                        icon("settings"),
                        h("span", { class: "header-button-text" }, tr("admin.title")),
                    ),
                languageSwitch(),
                appearanceSwitch(),
                new OwnPresenceButton(),
                h(
                    "a",
                    { class: "person", href: "/profile", title: tr("profile.title"), "aria-current": here("/profile"), dataset: { page: "" } },
                    h("span", { class: "person-presence" }, this.#avatar, new OwnPresenceMark()),
                    hidden(tr("profile.title"), ": "),
                    h("span", { class: "person-text" }, this.#name, this.#organization),
                ),
                h(
                    "button",
                    { class: "button button-quiet header-button", type: "button", onclick: this.#signOut, title: tr("common.signOut") },
                    icon("sign-out"),
                    h("span", { class: "header-button-text" }, tr("common.signOut")),
                ),
            ),
        );
        const { signal } = this.#controller;
        ownProfile.addEventListener("change", () => this.#render(), { signal });
        // Somebody has given the organization another name; the page has it in the session by then.
        document.addEventListener("renamed", () => this.#render(), { signal });
        this.#render();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    #render() {
        const profile = ownProfile.current;
        const name = profile?.displayName ?? this.#session.displayName;
        setText(this.#name, name);
        setText(this.#organization, this.#session.organization.name);
        mount(this.#avatar, avatar(name, profile ?? {}));
    }
}

customElements.define("parley-header", AppHeader);
