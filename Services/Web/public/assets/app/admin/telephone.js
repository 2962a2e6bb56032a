// @ts-check
import { h, mount } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { readTokens } from "./read-tokens.js";
import { webhooks } from "./webhooks.js";

/** Presence for telephone systems: tokens with which they read it, and webhooks by which they are told. */
export class Telephone extends HTMLElement {
    #organization;
    #controller = new AbortController();

    /** @param {string} organization its id */
    constructor(organization) {
        super();
        this.#organization = organization;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        const { signal } = this.#controller;
        mount(
            this,
            h(
                "div",
                { class: "part-header" },
                h("div", { class: "grow" }, h("h2", null, tr("admin.telephone")), h("p", { class: "muted small" }, tr("telephone.text"))),
            ),
            readTokens(signal),
            webhooks(this.#organization, signal),
        );
    }

    disconnectedCallback() {
        this.#controller.abort();
    }
}

customElements.define("parley-telephone", Telephone);
