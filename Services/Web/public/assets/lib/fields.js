// @ts-check
// Form fields with label, hint and an error beside them.
import { h, icon, newID, setText } from "./dom.js";

/** @typedef {string | (() => string)} Label */
/**
 * @typedef {object} FieldOptions
 * @property {Label} label
 * @property {string} name
 * @property {string} [type]
 * @property {string} [value]
 * @property {Label} [hint]
 * @property {boolean} [required]
 * @property {boolean} [multiline]
 * @property {import("./dom.js").Properties} [attributes] more for the input
 * @property {import("./dom.js").Child[]} [before] shown within the frame, before the input
 * @property {import("./dom.js").Child[]} [after] shown within the frame, after the input
 * @property {Label} [optional] said behind the label
 */

/**
 * @param {FieldOptions} options
 */
export function textField(options) {
    const id = newID(options.name);
    const hintID = options.hint ? `${id}-hint` : "";
    const error = h("span", null);
    const errorLine = h("p", { class: "field-error", id: `${id}-error`, hidden: true }, icon("warning"), error);
    const shared = { id, name: options.name, required: options.required, "aria-describedby": hintID || null, ...options.attributes };
    const input = options.multiline
        ? h("textarea", { class: "input", rows: 2, ...shared, value: options.value })
        : h("input", { class: "input", type: options.type ?? "text", ...shared, value: options.value });
    const element = h(
        "div",
        { class: "field" },
        h("div", { class: "field-label" }, h("label", { for: id }, options.label), options.optional && h("span", { class: "muted" }, options.optional)),
        options.before || options.after
            ? h("div", { class: "input-frame" }, ...(options.before ?? []), input, ...(options.after ?? []))
            : input,
        options.hint && h("p", { class: "field-hint", id: hintID }, options.hint),
        errorLine,
    );
    const field = {
        element,
        input,
        get value() {
            return input.value;
        },
        set value(text) {
            input.value = text;
        },
        /**
         * Shows what is wrong, or that nothing is. Typing takes it away.
         * @param {Label | null} text
         */
        setError(text) {
            setText(error, text);
            errorLine.hidden = text === null;
            input.setAttribute("aria-invalid", String(text !== null));
            const described = [hintID, text === null ? "" : errorLine.id].filter(Boolean).join(" ");
            if (described) input.setAttribute("aria-describedby", described);
            else input.removeAttribute("aria-describedby");
        },
        get hasError() {
            return !errorLine.hidden;
        },
    };
    input.addEventListener("input", () => {
        if (field.hasError) field.setError(null);
    });
    return field;
}

/** @typedef {ReturnType<typeof textField>} TextField */

/**
 * A tick-box with its label.
 * @param {{ label: Label, name: string, checked?: boolean, hint?: Label, switch?: boolean, onchange?: (checked: boolean) => void }} options
 */
export function checkField(options) {
    const id = newID(options.name);
    const input = h("input", {
        class: options.switch ? "switch" : "checkbox",
        type: "checkbox",
        role: options.switch ? "switch" : null,
        id,
        name: options.name,
        checked: options.checked ?? false,
        "aria-describedby": options.hint ? `${id}-hint` : null,
        onchange: () => options.onchange?.(input.checked),
    });
    const element = h(
        "div",
        { class: "check" },
        input,
        h("label", { for: id }, options.label),
        options.hint && h("p", { class: "field-hint", id: `${id}-hint` }, options.hint),
    );
    return { element, input };
}

/**
 * A message that stays on the page.
 * @param {"info" | "warning" | "error" | "success"} kind
 * @param {...import("./dom.js").Child} children
 */
export function notice(kind, ...children) {
    const mark = kind === "success" ? "check" : kind === "info" ? "info" : "warning";
    return h("div", { class: ["notice", `notice-${kind}`], role: kind === "error" ? "alert" : null }, icon(mark), h("div", null, ...children));
}
