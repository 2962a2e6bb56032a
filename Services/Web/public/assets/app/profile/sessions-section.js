// @ts-check
import { api } from "../../lib/api.js";
import { confirmDialog } from "../../lib/dialog.js";
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { Newest } from "../../lib/newest.js";
import { dateTimeText, relativeText } from "../../lib/time.js";
import { toast } from "../../lib/toast.js";
import { section } from "../account/section.js";

/** @typedef {import("../../lib/wire.js").SessionItem} SessionItem */

/** Where the person is signed in, and ending it there. */
export class SessionsSection extends HTMLElement {
    #controller = new AbortController();
    #reads = new Newest();
    #list = h("ul", { class: "session-list" });
    #message = h("div", { role: "status" });
    #others = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#endOthers() }, icon("sign-out"), tr("sessions.endOthers"));

    connectedCallback() {
        this.#controller = new AbortController();
        mount(this, section({ title: tr("sessions.title"), text: tr("sessions.text") }, this.#message, this.#list, h("p", { class: "sessions-actions" }, this.#others)));
        void this.refresh();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    async refresh() {
        const { signal } = this.#controller;
        const isNewest = this.#reads.begin();
        try {
            const sessions = await api.profile.sessions();
            if (signal.aborted || !isNewest()) return;
            mount(this.#message);
            mount(this.#list, ...sessions.map((session) => this.#entry(session)));
            this.#others.hidden = sessions.length < 2;
        } catch (error) {
            if (!signal.aborted && isNewest()) mount(this.#message, notice("warning", () => errorText(error)));
        }
    }

    /** @param {SessionItem} session */
    #entry(session) {
        const name = () => sessionName(session);
        const begun = () => t(session.source ? "sessions.begunFrom" : "sessions.begun", { when: dateTimeText(session.createdAt), source: session.source ?? "" });
        const used = () => (session.isCurrent ? t("sessions.usedNow") : t("sessions.used", { when: relativeText(session.lastUsedAt) }));
        return h(
            "li",
            { class: "session" },
            h("span", { class: "session-mark" }, icon("computer")),
            h(
                "div",
                { class: "session-text" },
                h("p", { class: "session-name" }, h("span", null, name), session.isCurrent && h("span", { class: "badge badge-accent" }, tr("sessions.current"))),
                h("p", { class: "muted small" }, used),
                h("p", { class: "muted small" }, begun),
            ),
            !session.isCurrent &&
                h("button", { class: "button button-quiet", type: "button", onclick: () => this.#end(session) }, tr("sessions.end"), hidden(" – ", name)),
        );
    }

    /** @param {SessionItem} session */
    async #end(session) {
        await this.#run(() => api.profile.endSession(session.session), tr("sessions.ended"));
    }

    async #endOthers() {
        const confirmed = await confirmDialog({
            title: tr("sessions.endOthersTitle"),
            text: tr("sessions.endOthersText"),
            confirm: tr("sessions.end"),
            danger: true,
        });
        if (confirmed) await this.#run(() => api.profile.endOtherSessions(), tr("sessions.othersEnded"));
    }

    /**
     * @param {() => Promise<void>} work
     * @param {() => string} done
     */
    async #run(work, done) {
        try {
            await work();
            toast(done, { kind: "success" });
            await this.refresh();
            const next = this.#others.hidden ? this.#list : this.#others;
            next.setAttribute("tabindex", next === this.#list ? "-1" : "0");
            next.focus();
        } catch (error) {
            toast(() => errorText(error), { kind: "error" });
        }
    }
}

/**
 * "Firefox on Windows", as far as it is known.
 * @param {Pick<SessionItem, "browser" | "system">} session
 */
export function sessionName({ browser, system }) {
    if (browser && system) return t("sessions.on", { browser, system });
    return browser ?? system ?? t("sessions.unknown");
}

customElements.define("parley-sessions", SessionsSection);
