// @ts-check
import { h, icon, mount } from "../lib/dom.js";
import { tr } from "../lib/i18n.js";

/** For somebody who has gone where only others may. */
export class NotAllowed extends HTMLElement {
    #heading = h("h1", { tabindex: -1 }, tr("notAllowed.title"));

    connectedCallback() {
        mount(
            this,
            h(
                "main",
                { class: "page-message stack", id: "content", tabindex: -1 },
                h("p", { class: "page-mark" }, icon("lock")),
                this.#heading,
                h("p", { class: "muted" }, tr("notAllowed.text")),
                h("p", null, h("a", { class: "button button-primary", href: "/", dataset: { page: "" } }, tr("common.toStart"))),
            ),
        );
    }

    focusHeading() {
        this.#heading.focus();
    }
}

customElements.define("parley-not-allowed", NotAllowed);

export function notAllowed() {
    return new NotAllowed();
}
