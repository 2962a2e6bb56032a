// @ts-check
// The first step: user name, password and organization.
import { ApiError } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { reasonText } from "../../lib/errors.js";
import { checkField, textField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { preferences } from "../../lib/preferences.js";
import { BusyForm } from "../account/busy-form.js";
import { passwordField, plainText } from "../account/password-field.js";
import { connectionButtons } from "./connections.js";

/** @typedef {import("../../lib/fields.js").TextField} TextField */

/**
 * @param {{ send: (credentials: import("./flow.js").Credentials) => Promise<void>, next: string }} options
 */
export function credentialsStep({ send, next }) {
    const fields = credentialFields();
    const stay = checkField({ label: tr("signIn.stay"), name: "stay", hint: tr("signIn.stayHint") });
    const submit = h("button", { class: "button button-primary button-large button-wide", type: "submit" }, tr("signIn.submit"));
    const busy = new BusyForm(submit);
    const connections = connectionButtons({ organization: fields.organization.input, stay: stay.input, next });
    const form = h(
        "form",
        { class: "stack", novalidate: true, onsubmit: submitted },
        ...Object.values(fields).map((field) => field.element),
        stay.element,
        busy.message,
        busy.liveRegion,
        submit,
    );

    /** @param {Event} event */
    function submitted(event) {
        event.preventDefault();
        if (busy.isBusy || !check(fields)) return;
        void busy.send(() =>
            send({
                userName: fields.userName.value.trim(),
                password: fields.password.value,
                organization: fields.organization.value.trim(),
                stayLoggedIn: stay.input.checked,
            }),
        );
    }

    return {
        element: h("div", { class: "stack credentials" }, form, connections.element),
        busy,
        focusFirst: () => (Object.values(fields).find((field) => field.value === "") ?? fields.password).input.focus(),
        /** @param {unknown} error */
        fail(error) {
            busy.fail(error);
            if (!(error instanceof ApiError)) return;
            for (const { field, reason } of error.fields) {
                fields[/** @type {keyof typeof fields} */ (field)]?.setError(() => reasonText(reason));
            }
            if (error.code === "credentials_wrong") {
                fields.password.input.focus();
                /** @type {HTMLInputElement} */ (fields.password.input).select();
            }
        },
        stop() {
            busy.stop();
            connections.stop();
        },
    };
}

function credentialFields() {
    const userName = textField({
        label: tr("signIn.userName"),
        name: "userName",
        hint: tr("signIn.userNameHint"),
        required: true,
        attributes: { ...plainText, autocomplete: "username", maxlength: limits.userName.max },
    });
    const password = passwordField({ label: tr("signIn.password"), name: "password", autocomplete: "current-password" });
    const organization = textField({
        label: tr("signIn.organization"),
        name: "organization",
        value: preferences.organization,
        hint: tr("signIn.organizationHint"),
        required: true,
        attributes: { ...plainText, autocomplete: "organization", maxlength: limits.ucsid.max },
    });
    return { userName, password, organization };
}

/**
 * Marks what is missing and puts the focus there.
 * @param {Record<string, TextField>} fields
 */
function check(fields) {
    const missing = Object.values(fields).filter((field) => {
        const empty = field.value.trim() === "";
        field.setError(empty ? tr("field.missing") : null);
        return empty;
    });
    missing[0]?.input.focus();
    return missing.length === 0;
}
