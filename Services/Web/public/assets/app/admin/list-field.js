// @ts-check
// A list of short texts, such as aliases: each can be taken out, and one more put in.
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { plainText } from "../account/password-field.js";
import { checkHandle } from "./rules.js";

/**
 * @param {{ label: () => string, name: string, hint: () => string, values: string[], most: number, changed: () => void }} options
 */
export function listField({ label, name, hint, values, most, changed }) {
    let current = [...values];
    const list = h("ul", { class: "chips", "aria-label": label });
    const add = h("button", { class: "button button-quiet", type: "button", onclick: put }, icon("plus"), tr("list.add"), hidden(" – ", label));
    const field = textField({ label, name, hint, attributes: { ...plainText, autocomplete: "off", onkeydown: entered }, after: [add] });
    field.element.insertBefore(list, field.element.children[1] ?? null);

    /** @param {KeyboardEvent} event */
    function entered(event) {
        // Enter would send the form, with what stands in the field still missing.
        if (event.key !== "Enter" || field.value.trim() === "") return;
        event.preventDefault();
        put();
    }

    /** @returns {boolean} whether nothing is left in the field */
    function put() {
        const text = field.value.trim();
        const reason = checkHandle(text, current, most);
        field.setError(reason && (() => (reason === "bad_format" ? t("list.form") : reason === "not_allowed" ? t("list.most", { count: most }) : t(`field.${reason}`))));
        field.input.focus();
        if (reason) return false;
        current.push(text);
        field.value = "";
        show();
        changed();
        return true;
    }

    /** @param {string} text */
    function remove(text) {
        current = current.filter((one) => one !== text);
        show();
        changed();
        field.input.focus();
    }

    function show() {
        list.hidden = current.length === 0;
        mount(
            list,
            ...current.map((text) =>
                h(
                    "li",
                    { class: "chip" },
                    h("span", null, text),
                    h("button", { class: "icon-button", type: "button", onclick: () => remove(text) }, icon("close"), hidden(tr("list.remove", { text }))),
                ),
            ),
        );
    }

    show();
    return {
        element: field.element,
        get value() {
            return [...current];
        },
        set value(texts) {
            current = [...texts];
            show();
        },
        /** What was typed and not added is meant, too; `true` when it could be. */
        finish: () => field.value.trim() === "" || put(),
        /** @param {(() => string) | null} text */
        setError(text) {
            field.setError(text);
            if (text) field.input.focus();
        },
    };
}
