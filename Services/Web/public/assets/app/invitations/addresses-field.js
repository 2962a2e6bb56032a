// @ts-check
import { h, hidden, icon, mount } from "../../lib/dom.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { splitAddresses } from "./addresses.js";

/**
 * Mail addresses: typed one by one, or many pasted at once.
 * @param {{ label: () => string, hint: () => string, value?: string[], optional?: () => string }} options
 */
export function addressesField({ label, hint, value = [], optional }) {
    let current = [...value];
    const list = h("ul", { class: "chips", "aria-label": label });
    const add = h("button", { class: "button button-quiet", type: "button", onclick: () => put() }, icon("plus"), tr("list.add"), hidden(" – ", label));
    const field = textField({
        label,
        name: "invitees",
        hint,
        optional,
        after: [add],
        attributes: { inputmode: "email", autocapitalize: "none", autocomplete: "off", spellcheck: "false", onkeydown: entered, onpaste: pasted },
    });
    field.element.insertBefore(list, field.element.children[1] ?? null);

    /** @param {KeyboardEvent} event */
    function entered(event) {
        if (!["Enter", ",", ";"].includes(event.key) || field.value.trim() === "") return;
        event.preventDefault();
        put();
    }

    /**
     * A field of one line would run the lines of a list together.
     * @param {ClipboardEvent} event
     */
    function pasted(event) {
        const text = event.clipboardData?.getData("text") ?? "";
        // A single address may still be changed.
        if (!/[,;\n]/.test(text.trim())) return;
        event.preventDefault();
        put([field.value, text].join(","));
    }

    /**
     * @param {string} [text]
     * @returns {boolean} whether nothing is left in the field
     */
    function put(text = field.value) {
        const { added, left } = splitAddresses(text, current);
        const room = limits.invitees - current.length;
        current.push(...added.slice(0, room));
        field.value = [...added.slice(room), ...left].join(", ");
        show();
        const problem = left.length > 0 ? tr("address.form") : added.length > room ? tr("address.most", { count: limits.invitees }) : null;
        field.setError(problem);
        field.input.focus();
        return problem === null;
    }

    /** @param {string} address */
    function remove(address) {
        current = current.filter((one) => one !== address);
        show();
        field.input.focus();
    }

    function show() {
        list.hidden = current.length === 0;
        mount(list, ...current.map((address) =>
            h("li", { class: "chip" }, h("span", null, address),
                h("button", { class: "icon-button", type: "button", onclick: () => remove(address) }, icon("close"), hidden(() => t("list.remove", { text: address }))))));
    }

    show();
    return {
        element: field.element,
        input: field.input,
        setError: field.setError,
        get value() {
            return [...current];
        },
        set value(addresses) {
            current = [...addresses];
            show();
        },
        /** What was typed and not added is meant, too; `true` when it could be. */
        finish: () => field.value.trim() === "" || put(),
    };
}
