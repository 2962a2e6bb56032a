// @ts-check
import { h, icon, mount, setText } from "../../lib/dom.js";
import { onLanguageChange, t } from "../../lib/i18n.js";
import { pollWhileVisible } from "../../lib/page.js";
import { openOwnPresence } from "./own-presence-dialog.js";
import { presenceMark, setMark } from "./presence-mark.js";
import { seenText, textMilliseconds } from "./presence-text.js";
import { presence } from "./presence.js";

/** @typedef {import("../../lib/wire.js").OwnPresence} OwnPresence */

/**
 * What stands for one's own presence: what colleagues see, but who has made themselves invisible reads that.
 * @param {OwnPresence | null} own `null` when it is not known
 * @returns {import("./presence-mark.js").MarkedState}
 */
export function markedState(own) {
    if (!own) return "unknown";
    return own.manual.state === "invisible" ? "invisible" : own.seen.state;
}

/** The button in the header that shows one's own presence and opens what it is set in. */
export class OwnPresenceButton extends HTMLElement {
    #controller = new AbortController();
    #mark = presenceMark();
    #state = h("span", { class: "own-presence-state" });
    #label = h("span", { class: "visually-hidden" });
    #button = h(
        "button",
        { class: "button button-quiet own-presence", type: "button", "aria-haspopup": "dialog", onclick: () => openOwnPresence() },
        this.#mark,
        h("span", { class: "own-presence-text", "aria-hidden": true }, this.#state, icon("chevron")),
        this.#label,
    );

    connectedCallback() {
        this.#controller = new AbortController();
        const { signal } = this.#controller;
        mount(this, this.#button);
        presence.addEventListener("own", () => this.#render(), { signal });
        onLanguageChange(() => this.#render(), signal);
        pollWhileVisible(async () => this.#render(), textMilliseconds, signal);
        this.#render();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    #render() {
        const own = presence.isKnown ? presence.own : null;
        const state = markedState(own);
        setMark(this.#mark, state);
        setText(this.#state, t(`presence.${state}`));
        const label = t("ownPresence.button", { state: own && state !== "invisible" ? seenText(own.seen) : t(`presence.${state}`) });
        setText(this.#label, label);
        this.#button.title = label;
    }
}

customElements.define("parley-own-presence", OwnPresenceButton);

/** The mark at one's own picture. */
export class OwnPresenceMark extends HTMLElement {
    #controller = new AbortController();
    #mark = presenceMark();

    connectedCallback() {
        this.#controller = new AbortController();
        mount(this, this.#mark);
        presence.addEventListener("own", () => this.#render(), { signal: this.#controller.signal });
        this.#render();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    #render() {
        setMark(this.#mark, markedState(presence.isKnown ? presence.own : null));
    }
}

customElements.define("parley-own-mark", OwnPresenceMark);
