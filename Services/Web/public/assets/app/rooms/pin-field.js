// @ts-check
import { h, setText } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { generatePIN, isShortPIN } from "./room-rules.js";

/**
 * The field for a PIN: chosen or made by chance. A short one is allowed, and said to be.
 * @param {string} value
 */
export function pinField(value) {
    const clear = h("button", { class: "button button-quiet", type: "button", onclick: () => put("") }, tr("roomForm.pinClear"));
    const generate = h("button", { class: "button button-quiet", type: "button", onclick: () => put(generatePIN()) }, tr("roomForm.pinGenerate"));
    const field = textField({
        label: tr("roomForm.pin"),
        name: "pin",
        value,
        hint: tr("roomForm.pinHint"),
        optional: tr("common.optional"),
        after: [generate, clear],
        attributes: { class: "input pin-input", inputmode: "numeric", autocomplete: "off", maxlength: limits.pin.max, oninput: update },
    });
    const advice = h("p", { class: "field-hint pin-advice", role: "status" });
    field.element.append(advice);

    /** @param {string} pin */
    function put(pin) {
        field.value = pin;
        field.setError(null);
        update();
        field.input.focus();
    }
    function update() {
        clear.hidden = field.value === "";
        setText(advice, isShortPIN(field.value.trim()) ? tr("roomForm.pinShort") : "");
    }
    update();
    return {
        ...field,
        get value() {
            return field.value.trim();
        },
        set value(pin) {
            field.value = pin;
            update();
        },
    };
}
