// @ts-check
import { textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { plainText } from "./password-field.js";
import { isCode, tidyCode } from "./rules.js";

/** @typedef {ReturnType<typeof codeField>} CodeField */

/** A recovery code with its hyphens, and room for spaces. */
const longest = 32;

/**
 * For the code of an authenticator, or where that is allowed, for a recovery code.
 * @param {{ recovery: boolean }} options
 */
export function codeField({ recovery }) {
    const field = textField({
        label: tr("code.label"),
        name: "code",
        hint: tr(recovery ? "code.hintRecovery" : "code.hint"),
        required: true,
        attributes: { ...plainText, class: "input code-input", autocomplete: "one-time-code", inputmode: "numeric", maxlength: longest },
    });
    // A recovery code has letters: the keyboard of digits would keep them away.
    const letters = (/** @type {boolean} */ on) => field.input.setAttribute("inputmode", on ? "text" : "numeric");
    return {
        element: field.element,
        input: field.input,
        get value() {
            return tidyCode(field.value);
        },
        letters,
        setError: field.setError,
        clear() {
            field.value = "";
        },
        /** Says what is wrong, and puts the focus there; `true` when it can be a code. */
        check() {
            const code = tidyCode(field.value);
            const good = isCode(code, { recovery });
            field.setError(good ? null : tr(code === "" ? "field.missing" : recovery ? "code.formRecovery" : "code.form"));
            if (!good) field.input.focus();
            return good;
        },
    };
}
