// @ts-check
import { h, icon } from "../../lib/dom.js";
import { frame } from "./frame.js";

/**
 * @typedef {string | (() => string)} Text
 * @typedef {{ label: Text, primary?: boolean, href?: string, run?: () => void }} MessageAction
 */

/**
 * A page that says one thing, and what can be done about it.
 *
 * @param {{ mark: import("../../lib/dom.js").IconName, title: Text, text?: Text, actions?: MessageAction[] }} message
 * @returns {HTMLElement}
 */
export function messagePage({ mark, title, text, actions = [] }) {
    // What can be done at all is the thing to do.
    const [only] = actions.length === 1 ? actions : [];
    return frame(
        h("section", { class: "message" },
            h("div", { class: "message-mark" }, icon(mark)),
            h("h1", { class: "message-title", tabindex: -1, autofocus: true }, title),
            text && h("p", { class: "message-text" }, text),
            actions.length > 0 && h("div", { class: "message-actions" },
                ...actions.map((action) => actionButton(action === only ? { ...action, primary: true } : action)))));
}

/** @param {MessageAction} action */
function actionButton({ label, primary = false, href, run }) {
    const look = ["button", "button-large", primary && "button-primary"];
    return href ? h("a", { class: look, href }, label) : h("button", { class: look, type: "button", onclick: run }, label);
}

/**
 * Something is on its way.
 *
 * @param {Text} text
 * @param {MessageAction[]} [actions]
 * @returns {HTMLElement}
 */
export function waitingPage(text, actions = []) {
    return frame(
        h("section", { class: "message" },
            h("div", { class: "spinner" }),
            h("p", { class: "message-text", role: "status" }, text),
            actions.length > 0 && h("div", { class: "message-actions" }, ...actions.map(actionButton))));
}
