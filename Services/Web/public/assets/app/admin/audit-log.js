// @ts-check
import { api } from "../../lib/api.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { onLanguageChange, tr } from "../../lib/i18n.js";
import { dateTimeText } from "../../lib/time.js";
import { auditActor, auditDetails, auditSource, auditText } from "./audit-text.js";
import { skeletonRows } from "./list-parts.js";

/** @typedef {import("../../lib/wire.js").AuditItem} AuditItem */
/** @typedef {import("../../lib/dom.js").IconName} IconName */

/** What was done in the organization, the newest first. */
export class AuditLog extends HTMLElement {
    #controller = new AbortController();
    /** @type {AuditItem[]} */
    #entries = [];
    /** @type {string | undefined} */
    #cursor;
    #message = h("div", { role: "status" });
    #list = h("ol", { class: "audit-list" });
    #more = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#read() }, tr("admin.more"));

    connectedCallback() {
        this.#controller = new AbortController();
        mount(
            this,
            h(
                "div",
                { class: "part-header" },
                h("div", { class: "grow" }, h("h2", null, tr("admin.log")), h("p", { class: "muted small" }, tr("audit.text"))),
            ),
            this.#message,
            this.#list,
            h("p", { class: "more" }, this.#more),
        );
        mount(this.#list, ...skeletonRows());
        onLanguageChange(() => this.#render(), this.#controller.signal);
        void this.#read();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    async #read() {
        if (this.#more.getAttribute("aria-busy") === "true") return;
        const { signal } = this.#controller;
        this.#more.setAttribute("aria-busy", "true");
        try {
            const page = await api.administration.audit({ cursor: this.#cursor }, signal);
            if (signal.aborted) return;
            const known = this.#entries.length;
            this.#entries.push(...page.items);
            this.#cursor = page.nextCursor;
            mount(this.#message);
            this.#render();
            if (known > 0) /** @type {HTMLElement | undefined} */ (this.#list.children[known])?.focus();
        } catch (error) {
            if (signal.aborted) return;
            const again = h("button", { class: "button", type: "button", onclick: () => this.#read() }, icon("refresh"), tr("common.tryAgain"));
            mount(this.#message, notice("warning", h("p", null, () => errorText(error)), again));
            if (this.#entries.length === 0) mount(this.#list);
        } finally {
            this.#more.removeAttribute("aria-busy");
        }
    }

    #render() {
        if (this.#entries.length > 0) mount(this.#list, ...this.#entries.map(entryRow));
        this.#more.hidden = this.#cursor === undefined;
    }
}

/** @param {AuditItem} entry */
function entryRow(entry) {
    const details = auditDetails(entry);
    return h(
        "li",
        { class: "audit-entry", tabindex: -1 },
        h("span", { class: "audit-mark" }, icon(iconOf(entry.action))),
        h(
            "div",
            { class: "audit-words" },
            h("p", null, h("strong", null, auditActor(entry)), " ", auditText(entry)),
            details.length > 0 && h("dl", { class: "audit-details small" }, ...details.map(({ name, value }) => h("div", null, h("dt", null, `${name}:`), h("dd", null, value)))),
            h("p", { class: "muted small audit-when" }, h("time", { datetime: entry.at }, dateTimeText(entry.at)), h("span", null, auditSource(entry))),
        ),
    );
}

/**
 * @param {string} action
 * @returns {IconName}
 */
function iconOf(action) {
    if (/deleted|removed/.test(action)) return "trash";
    if (/disabled/.test(action)) return "lock";
    if (/password|recovery/.test(action)) return "key";
    if (/second_factor/.test(action)) return "shield";
    if (/sessions/.test(action)) return "sign-out";
    if (/exported/.test(action)) return "download";
    if (/added/.test(action)) return "plus";
    return action.startsWith("account.") ? "user" : "settings";
}

customElements.define("parley-audit-log", AuditLog);
