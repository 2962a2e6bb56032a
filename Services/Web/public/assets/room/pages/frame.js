// @ts-check
import { h } from "../../lib/dom.js";
import { appearanceSwitch, languageSwitch } from "../../lib/switches.js";

/**
 * What stands around the pages before and after a meeting.
 *
 * @param {...import("../../lib/dom.js").Child} content
 * @returns {HTMLElement}
 */
export function frame(...content) {
    return h("div", { class: "frame" },
        h("header", { class: "frame-header" },
            h("a", { class: "brand", href: "/" },
                h("img", { class: "brand-mark", src: "/assets/img/logo.svg", alt: "", width: 32, height: 32 }), "Parley"),
            h("div", { class: "frame-switches picker-compact" }, languageSwitch(), appearanceSwitch())),
        h("main", { class: "frame-main" }, ...content));
}
