// @ts-check
// Who changes how they sign in shows the password again, and where that is asked for, a code.
import { ApiError } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { codeField } from "./code-field.js";
import { openDialogForm } from "./dialog-form.js";
import { passwordField } from "./password-field.js";

/**
 * @param {object} options
 * @param {() => string} options.title
 * @param {() => string} options.text
 * @param {() => string} options.submit
 * @param {boolean} options.needsCode
 * @param {boolean} [options.danger]
 * @param {(shown: import("../../lib/wire.js").Reauthentication) => Promise<void>} options.send
 */
export function askAgain({ title, text, submit, needsCode, danger, send }) {
    const password = passwordField({ label: tr("signIn.password"), name: "password", autocomplete: "current-password" });
    const code = codeField({ recovery: true });
    code.element.hidden = !needsCode;
    const dialog = openDialogForm({
        title,
        submit,
        danger,
        class: "dialog-small",
        body: [h("p", null, text), password.element, code.element],
        check() {
            const isMissing = password.value === "";
            password.setError(isMissing ? tr("field.missing") : null);
            if (isMissing) password.input.focus();
            return !isMissing && (code.element.hidden || code.check());
        },
        send: () => send({ password: password.value, code: code.element.hidden ? undefined : code.value }),
        otherwise(error) {
            const problem = error instanceof ApiError ? error.code : "";
            if (problem === "credentials_wrong") {
                password.setError(tr("password.wrong"));
                password.input.focus();
                return true;
            }
            if (problem === "second_factor_required") code.element.hidden = false;
            else if (problem === "second_factor_wrong") code.setError(tr("error.second_factor_wrong"));
            else return false;
            code.input.focus();
            return true;
        },
    });
    password.input.focus();
    return dialog;
}
