// @ts-check
// Passwords, typed and chosen.
import { h, hidden, icon, mount, setText } from "../../lib/dom.js";
import { reasonText } from "../../lib/errors.js";
import { textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { characters } from "../../lib/limits.js";
import { newPasswordProblem, repetitionProblem } from "./rules.js";

/** @typedef {import("../../lib/fields.js").Label} Label */
/** @typedef {import("../../lib/wire.js").FieldReason} FieldReason */

/** Nobody but the person knows how these are written. */
export const plainText = Object.freeze({ autocapitalize: "none", autocorrect: "off", spellcheck: "false" });

/**
 * With a button that shows what was typed.
 * @param {{ label: Label, name: string, autocomplete: "current-password" | "new-password", hint?: Label }} options
 */
export function passwordField({ label, name, autocomplete, hint }) {
    const toggle = h("button", { class: "icon-button", type: "button" });
    const capsLock = h("p", { class: "field-hint", role: "status" });
    const field = textField({ label, name, hint, type: "password", required: true, attributes: { ...plainText, autocomplete }, after: [toggle] });
    field.element.append(capsLock);
    const input = /** @type {HTMLInputElement} */ (field.input);
    const show = (/** @type {boolean} */ visible) => {
        input.type = visible ? "text" : "password";
        mount(toggle, icon(visible ? "eye-off" : "eye"), hidden(tr(visible ? "signIn.hidePassword" : "signIn.showPassword")));
    };
    toggle.addEventListener("click", () => show(input.type === "password"));
    input.addEventListener("keyup", (event) => {
        const on = event instanceof KeyboardEvent && event.getModifierState("CapsLock");
        setText(capsLock, on ? t("signIn.capsLock") : "");
    });
    show(false);
    return field;
}

/**
 * A new password, twice, with the rule that it must keep.
 * @param {{ minimum?: number, former: () => string }} options `minimum`: characters, where it is known; `former`: the password that is replaced
 */
export function newPasswordFields({ minimum, former }) {
    const hint = minimum === undefined ? tr("password.rule") : tr("password.ruleMinimum", { count: minimum });
    const first = passwordField({ label: tr("password.new"), name: "newPassword", autocomplete: "new-password", hint });
    const again = passwordField({ label: tr("password.again"), name: "newPasswordAgain", autocomplete: "new-password" });
    const length = h("p", { class: "field-hint password-length", "aria-hidden": true });
    first.element.append(length);
    first.input.addEventListener("input", showLength);

    function showLength() {
        const count = characters(first.value);
        const isLong = minimum !== undefined && count >= minimum;
        length.hidden = count === 0;
        length.className = isLong ? "field-success password-length" : "field-hint password-length";
        const text = () => (minimum === undefined ? t("password.length", { count }) : t("password.lengthOf", { count, minimum }));
        mount(length, isLong && icon("check"), h("span", null, text));
    }
    showLength();

    return {
        elements: [first.element, again.element],
        get value() {
            return first.value;
        },
        focus: () => first.input.focus(),
        /** Marks what is wrong and puts the focus there; `true` when nothing is. */
        check() {
            const problem = newPasswordProblem(first.value, { minimum, former: former() });
            this.setReason(problem);
            const other = problem ? null : repetitionProblem(first.value, again.value);
            again.setError(other && tr(other === "missing" ? "field.missing" : "password.differs"));
            if (other) again.input.focus();
            return !problem && !other;
        },
        /**
         * Says in words why a password is not accepted.
         * @param {FieldReason | null} reason
         */
        setReason(reason) {
            first.setError(reason && (() => newPasswordText(reason, minimum)));
            if (reason) first.input.focus();
        },
        clear() {
            first.value = "";
            again.value = "";
            showLength();
        },
    };
}

/**
 * @param {FieldReason} reason
 * @param {number | undefined} minimum
 */
export function newPasswordText(reason, minimum) {
    switch (reason) {
        case "too_short":
            return minimum === undefined ? t("password.tooShort") : t("password.tooShortBy", { count: minimum });
        case "too_common":
            return t("password.tooCommon");
        case "unchanged":
            return t("password.unchanged");
        default:
            return reasonText(reason);
    }
}
