// @ts-check
import { h, mount, setText } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { AuditLog } from "./audit-log.js";
import { OrganizationForm, RenamedEvent } from "./organization-form.js";
import { People } from "./people.js";
import { Telephone } from "./telephone.js";

/** @typedef {import("../../lib/wire.js").SessionView} SessionView */
/** @typedef {"people" | "settings" | "telephone" | "log"} Part */

/** @type {Readonly<Record<Part, (session: SessionView) => HTMLElement>>} */
const parts = Object.freeze({
    people: (session) => new People(session),
    settings: () => new OrganizationForm(),
    telephone: (session) => new Telephone(session.organization.id),
    log: () => new AuditLog(),
});

/**
 * Which part an address names behind `#`.
 * @param {string} hash
 * @returns {Part}
 */
export function partOf(hash) {
    const name = hash.replace(/^#/, "");
    return name in parts ? /** @type {Part} */ (name) : "people";
}

/** The administration of an organization. */
export class Administration extends HTMLElement {
    #session;
    #controller = new AbortController();
    #heading = h("h1", { tabindex: -1 }, tr("admin.title"));
    #organization = h("p", { class: "muted" });
    #place = h("div", null);
    #links = /** @type {Part[]} */ (Object.keys(parts)).map((part) => ({ part, link: h("a", { class: "part-link", href: `#${part}` }, tr(`admin.${part}`)) }));

    /** @param {SessionView} session */
    constructor(session) {
        super();
        this.#session = session;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        mount(
            this,
            h(
                "main",
                { class: "page page-wide", id: "content", tabindex: -1 },
                h("header", { class: "page-header" }, this.#heading, this.#organization),
                h("nav", { class: "part-links", "aria-label": tr("admin.title") }, ...this.#links.map(({ link }) => link)),
                this.#place,
            ),
        );
        setText(this.#organization, this.#session.organization.name);
        const renamed = (/** @type {Event} */ event) => {
            this.#session.organization.name = /** @type {RenamedEvent} */ (event).name;
            setText(this.#organization, this.#session.organization.name);
        };
        this.addEventListener("renamed", renamed, { signal: this.#controller.signal });
        window.addEventListener("hashchange", () => this.#show(), { signal: this.#controller.signal });
        this.#show();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    focusHeading() {
        this.#heading.focus();
    }

    #show() {
        const shown = partOf(location.hash);
        for (const { part, link } of this.#links) {
            if (part === shown) link.setAttribute("aria-current", "page");
            else link.removeAttribute("aria-current");
        }
        mount(this.#place, parts[shown](this.#session));
    }
}

customElements.define("parley-administration", Administration);
