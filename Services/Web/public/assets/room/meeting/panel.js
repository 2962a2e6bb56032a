// @ts-check
import { h, hidden, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";

/**
 * A side panel, which covers the page on a phone.
 *
 * @param {string} titleKey
 * @param {() => void} close
 * @param {...import("../../lib/dom.js").Child} content
 * @returns {HTMLElement}
 */
export function panel(titleKey, close, ...content) {
    return h("aside", { class: "panel", "aria-label": tr(titleKey) },
        h("header", { class: "panel-header" },
            h("h2", { class: "panel-title" }, tr(titleKey)),
            h("button", { class: "icon-button", type: "button", onclick: close }, icon("close"), hidden(tr("common.close")))),
        ...content);
}
