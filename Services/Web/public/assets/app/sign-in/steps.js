// @ts-check
// The steps after the first one, as far as somebody has to take them.
import { ApiError } from "../../lib/api.js";
import { h, icon } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { authenticatorOffer } from "../account/authenticator.js";
import { codeField } from "../account/code-field.js";
import { newPasswordFields } from "../account/password-field.js";
import { hiddenUserName, stepForm } from "./step.js";

/**
 * @typedef {object} StepView
 * @property {HTMLElement} element
 * @property {import("../account/busy-form.js").BusyForm} busy
 * @property {() => void} focus
 * @property {(error: unknown) => void} fail
 */
/** @typedef {{ userName: string, back: () => void }} Shared */

/**
 * @param {Shared & { minimum?: number, former: () => string, send: (password: string) => Promise<void> }} options
 * @returns {StepView}
 */
export function newPasswordStep({ userName, minimum, former, send, back }) {
    const password = newPasswordFields({ minimum, former });
    const { element, busy } = stepForm({
        title: tr("newPassword.title"),
        lead: tr("newPassword.lead"),
        action: tr("newPassword.submit"),
        fields: [hiddenUserName(userName), ...password.elements],
        check: () => password.check(),
        send: () => send(password.value),
        back,
    });
    return {
        element,
        busy,
        focus: () => password.focus(),
        fail(error) {
            const refused = error instanceof ApiError ? error.fields.find(({ field }) => field === "newPassword") : undefined;
            if (refused) password.setReason(refused.reason);
            else busy.fail(error);
        },
    };
}

/**
 * @param {Shared & { send: (code: string) => Promise<void> }} options
 * @returns {StepView}
 */
export function codeStep({ send, back }) {
    const code = codeField({ recovery: true });
    let hasLetters = false;
    const other = h("button", { class: "button button-quiet code-kind", type: "button", onclick: change }, h("span", null, tr("code.useRecovery")));

    function change() {
        hasLetters = !hasLetters;
        code.letters(hasLetters);
        other.replaceChildren(h("span", null, tr(hasLetters ? "code.useAuthenticator" : "code.useRecovery")));
        code.input.focus();
    }

    const { element, busy } = stepForm({
        title: tr("code.title"),
        lead: tr("code.lead"),
        action: tr("signIn.submit"),
        fields: [code.element, other],
        check: () => code.check(),
        send: () => send(code.value),
        back,
    });
    return { element, busy, focus: () => code.input.focus(), fail: (error) => failCode(error, code, busy) };
}

/**
 * @param {Shared & { offer: import("../../lib/wire.js").SecondFactorOffer, send: (code: string) => Promise<void> }} options
 * @returns {StepView}
 */
export function setUpStep({ offer, send, back }) {
    const code = codeField({ recovery: false });
    const { element, busy, heading } = stepForm({
        title: tr("setUp.title"),
        lead: tr("setUp.lead"),
        action: tr("setUp.submit"),
        fields: [authenticatorOffer(offer), code.element],
        check: () => code.check(),
        send: () => send(code.value),
        back,
    });
    // There is something to read before the code can be known.
    return { element, busy, focus: () => heading.focus(), fail: (error) => failCode(error, code, busy) };
}

/**
 * The last step after setting up: the codes that open the account once.
 * @param {{ codes: HTMLElement, done: () => void }} options
 */
export function recoveryStep({ codes, done }) {
    const heading = h("h1", { tabindex: -1 }, tr("recovery.title"));
    const element = h(
        "div",
        { class: "entrance-step stack" },
        h("div", { class: "entrance-heading" }, heading, h("p", { class: "muted" }, tr("recovery.lead"))),
        codes,
        h("button", { class: "button button-primary button-large button-wide", type: "button", onclick: done }, icon("check"), tr("recovery.done")),
    );
    return { element, focus: () => heading.focus() };
}

/**
 * @param {unknown} error
 * @param {import("../account/code-field.js").CodeField} code
 * @param {import("../account/busy-form.js").BusyForm} busy
 */
function failCode(error, code, busy) {
    code.clear();
    if (error instanceof ApiError && error.code === "second_factor_wrong") code.setError(tr("error.second_factor_wrong"));
    else busy.fail(error);
    code.input.focus();
}
