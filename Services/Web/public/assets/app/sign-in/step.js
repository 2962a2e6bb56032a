// @ts-check
// The frame of a step after the first one: what is asked, the form, and the way back.
import { h, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { BusyForm } from "../account/busy-form.js";

/** @typedef {import("../../lib/dom.js").Child} Child */
/** @typedef {import("./flow.js").Outcome} Outcome */
/**
 * @typedef {object} StepOptions
 * @property {() => string} title
 * @property {() => string} lead
 * @property {() => string} action
 * @property {Child[]} fields
 * @property {() => boolean} check marks what is wrong; `true` when nothing is
 * @property {() => Promise<void>} send
 * @property {() => void} back
 */

/** @param {StepOptions} options */
export function stepForm({ title, lead, action, fields, check, send, back }) {
    const submit = h("button", { class: "button button-primary button-large button-wide", type: "submit" }, action);
    const busy = new BusyForm(submit);
    const heading = h("h1", { tabindex: -1 }, title);
    const element = h(
        "div",
        { class: "entrance-step stack" },
        h("div", { class: "entrance-heading" }, heading, h("p", { class: "muted" }, lead)),
        h(
            "form",
            {
                class: "stack",
                novalidate: true,
                onsubmit: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    if (!busy.isBusy && check()) void busy.send(send);
                },
            },
            ...fields,
            busy.message,
            busy.liveRegion,
            submit,
        ),
        h("button", { class: "button button-quiet button-wide", type: "button", onclick: back }, icon("back"), tr("signIn.back")),
    );
    return { element, busy, heading };
}

/**
 * So that password managers know whose the new password is.
 * @param {string} userName
 */
export function hiddenUserName(userName) {
    return h("input", { class: "visually-hidden", type: "text", autocomplete: "username", value: userName, readonly: true, tabindex: -1, "aria-hidden": true });
}
