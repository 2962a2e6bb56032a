// @ts-check
import { h, icon, mount } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";

/** Milliseconds: who is back sooner need not know that the connection was interrupted. */
const patience = 1000;

/** What has to be known at once, small, at the upper edge of the stage. */
export class Banner {
    #status = h("div", { class: "banner-status", role: "status" });
    #hear;
    #shown = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    /** Whether the connection has been interrupted for long enough to say so. */
    #isLate = false;
    #state = { reconnecting: false, sharing: false, silenced: false };
    element;

    /** @param {() => void} hear After a click the browser lets sound out. */
    constructor(hear) {
        this.#hear = h("button", { class: "button button-primary banner-hear", type: "button", hidden: true, onclick: hear });
        this.element = h("div", { class: "banner" }, this.#status, this.#hear);
    }

    /** @param {{ reconnecting: boolean, sharing: boolean, silenced: boolean }} state */
    update(state) {
        this.#state = state;
        if (!state.reconnecting) {
            clearTimeout(this.#timer);
            this.#timer = undefined;
            this.#isLate = false;
        } else {
            this.#timer ??= setTimeout(() => {
                this.#isLate = true;
                this.#show();
            }, patience);
        }
        this.#show();
    }

    #show() {
        const { sharing, silenced } = this.#state;
        const reconnecting = this.#state.reconnecting && this.#isLate;
        const key = reconnecting ? "meet.reconnecting" : sharing ? "meet.youShare" : "";
        const shown = key && t(key);
        if (shown !== this.#shown) {
            this.#shown = shown;
            mount(this.#status, shown && h("div", { class: ["banner-pill", reconnecting && "banner-warning"] },
                reconnecting ? h("span", { class: "spinner spinner-small" }) : icon("screen"), h("span", null, shown)));
        }
        this.#hear.hidden = !silenced;
        mount(this.#hear, icon("speaker"), t("meet.hear"));
    }
}
