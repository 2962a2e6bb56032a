// @ts-check
import { h, icon } from "../../lib/dom.js";
import { errorText } from "../../lib/errors.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { frame } from "./frame.js";

/**
 * Asks for the PIN. A guest is not told whether there is a room: what leads nowhere asks for a PIN, too, and the page speaks for both.
 *
 * @param {{ submit: (pin: string) => Promise<void>, signInLink: string }} options `submit` throws what to show.
 * @returns {HTMLElement}
 */
export function pinPage({ submit, signInLink }) {
    const field = textField({
        label: tr("pin.label"), name: "pin", required: true,
        attributes: {
            inputmode: "numeric", autocomplete: "off", autofocus: true, class: "input pin-input",
            maxlength: limits.pin.max, spellcheck: "false",
        },
    });
    const button = h("button", { class: "button button-primary button-large button-wide" }, tr("pin.continue"));
    const form = h("form", { class: "stack", novalidate: true, onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void attempt();
    } }, field.element, button);

    const attempt = async () => {
        const pin = field.value.trim();
        if (!/^[0-9]{4,10}$/.test(pin)) return refuse(tr("pin.form"));
        button.setAttribute("aria-busy", "true");
        button.disabled = true;
        field.setError(null);
        try {
            await submit(pin);
        } catch (error) {
            refuse(() => errorText(error));
        } finally {
            button.removeAttribute("aria-busy");
            button.disabled = false;
        }
    };
    /** @param {() => string} text */
    const refuse = (text) => {
        field.setError(text);
        field.input.focus();
        field.input.select();
    };

    return frame(
        h("section", { class: "message pin" },
            h("div", { class: "message-mark" }, icon("lock")),
            h("h1", { class: "message-title" }, tr("pin.title")),
            h("p", { class: "message-text" }, tr("pin.textUnnamed")),
            h("div", { class: "card pin-card" }, form),
            h("p", { class: "message-text small" }, tr("pin.nothing")),
            h("p", { class: "muted small" }, h("a", { href: signInLink }, tr("pin.owner")))));
}
