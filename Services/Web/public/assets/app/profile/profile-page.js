// @ts-check
import { h, icon, mount } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { tr } from "../../lib/i18n.js";
import { ownProfile } from "../../lib/own-profile.js";
import { appearanceSection } from "./appearance-section.js";
import { dataSection } from "./data-section.js";
import { passwordSection } from "./password-section.js";
import { personSection } from "./person-section.js";
import { presenceSection } from "./presence-section.js";
import { SecondFactorSection } from "./second-factor-section.js";
import { SessionsSection } from "./sessions-section.js";

/** What a person sees and sets of the own account. */
export class Profile extends HTMLElement {
    #session;
    #controller = new AbortController();
    #heading = h("h1", { tabindex: -1 }, tr("profile.title"));
    #place = h("div", { class: "settings" });

    /** @param {import("../../lib/wire.js").SessionView} session */
    constructor(session) {
        super();
        this.#session = session;
    }

    connectedCallback() {
        this.#controller = new AbortController();
        mount(this, h("main", { class: "page", id: "content", tabindex: -1 }, h("header", { class: "page-header" }, this.#heading), this.#place));
        void this.#load();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    focusHeading() {
        this.#heading.focus();
    }

    async #load() {
        const { signal } = this.#controller;
        mount(this.#place, h("p", { class: "muted", role: "status" }, tr("common.loading")));
        try {
            // Somebody may have changed it elsewhere.
            const profile = await ownProfile.load();
            if (!signal.aborted) this.#show(profile);
        } catch (error) {
            if (signal.aborted) return;
            const again = h("button", { class: "button", type: "button", onclick: () => this.#load() }, icon("refresh"), tr("common.tryAgain"));
            mount(this.#place, h("div", { class: "card empty" }, h("p", { role: "status" }, () => errorText(error)), again));
        }
    }

    /** @param {import("../../lib/wire.js").ProfileView} profile */
    #show(profile) {
        const { signal } = this.#controller;
        const sessions = new SessionsSection();
        mount(
            this.#place,
            personSection(profile, this.#session.organization, signal),
            appearanceSection(profile, signal),
            presenceSection(profile),
            passwordSection(profile, () => sessions.refresh()),
            new SecondFactorSection(),
            sessions,
            dataSection(profile),
        );
    }
}

customElements.define("parley-profile", Profile);
