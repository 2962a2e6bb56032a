// @ts-check
// Fields in which one of several things is chosen.
import { h, icon, newID, setText } from "./dom.js";

/** @typedef {import("./fields.js").Label} Label */
/** @typedef {{ value: string, label: Label, hint?: Label, disabled?: boolean }} Choice */

/**
 * A native list of choices.
 * @param {{ label: Label, name: string, value: string, choices: Choice[], hint?: Label, disabled?: boolean, onchange?: (value: string) => void }} options
 */
export function selectField(options) {
    const id = newID(options.name);
    const select = h(
        "select",
        {
            class: "input",
            id,
            name: options.name,
            disabled: options.disabled,
            "aria-describedby": options.hint ? `${id}-hint` : null,
            onchange: () => options.onchange?.(select.value),
        },
        ...options.choices.map(({ value, label, disabled }) => h("option", { value, selected: value === options.value, disabled }, label)),
    );
    const element = h(
        "div",
        { class: "field" },
        h("div", { class: "field-label" }, h("label", { for: id }, options.label)),
        h("div", { class: "select-frame" }, select, icon("chevron")),
        options.hint && h("p", { class: "field-hint", id: `${id}-hint` }, options.hint),
    );
    return {
        element,
        input: select,
        get value() {
            return select.value;
        },
        set value(value) {
            select.value = value;
        },
    };
}

/**
 * Few choices, all of them seen, each with a hint.
 * @param {{ label: Label, name: string, value: string, choices: Choice[], onchange?: (value: string) => void }} options
 */
export function radioField(options) {
    const name = newID(options.name);
    const inputs = options.choices.map(({ value, disabled }) =>
        h("input", {
            class: "radio",
            type: "radio",
            id: `${name}-${value}`,
            name,
            value,
            checked: value === options.value,
            disabled,
            onchange: () => options.onchange?.(value),
        }),
    );
    const element = h(
        "fieldset",
        { class: "field" },
        h("div", { class: "field-label" }, h("legend", null, options.label)),
        ...options.choices.map(({ label, hint }, index) => {
            const input = /** @type {HTMLInputElement} */ (inputs[index]);
            const hintID = `${input.id}-hint`;
            if (hint) input.setAttribute("aria-describedby", hintID);
            return h("div", { class: "check" }, input, h("label", { for: input.id }, label), hint && h("p", { class: "field-hint", id: hintID }, hint));
        }),
    );
    return {
        element,
        get value() {
            return inputs.find(({ checked }) => checked)?.value ?? "";
        },
        set value(value) {
            for (const input of inputs) input.checked = input.value === value;
        },
    };
}

/**
 * What is said under a field and can't be changed in it.
 * @param {Label} label
 * @param {import("./dom.js").Child} value
 */
export function fact(label, value) {
    const shown = h("dd", null, value);
    return { element: h("div", { class: "fact" }, h("dt", null, label), shown), set: (/** @type {Label} */ text) => setText(shown, text) };
}
