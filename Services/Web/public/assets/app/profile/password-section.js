// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { notice } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";
import { BusyForm } from "../account/busy-form.js";
import { newPasswordFields, passwordField } from "../account/password-field.js";
import { section } from "../account/section.js";
import { hiddenUserName } from "../sign-in/step.js";

/**
 * @param {import("../../lib/wire.js").ProfileView} profile
 * @param {() => void} changed all other sessions have ended
 */
export function passwordSection(profile, changed) {
    const head = { title: tr("signIn.password"), text: tr("profile.passwordText") };
    if (profile.origin !== "local") return section(head, notice("info", tr(profile.origin === "ldap" ? "profile.passwordDirectory" : "profile.passwordProvider")));
    const submit = h("button", { class: "button", type: "submit" }, tr("profile.changePassword"));
    const busy = new BusyForm(submit);
    const current = passwordField({ label: tr("password.current"), name: "currentPassword", autocomplete: "current-password" });
    const password = newPasswordFields({ minimum: profile.passwordMinimum, former: () => current.value });

    async function save() {
        await api.profile.changePassword({ current: current.value, new: password.value });
        current.value = "";
        password.clear();
        toast(tr("profile.passwordChanged"), { kind: "success" });
        changed();
    }

    /** @param {unknown} error */
    function otherwise(error) {
        if (!(error instanceof ApiError)) return false;
        const refused = error.fields.find(({ field }) => field === "new");
        if (refused) password.setReason(refused.reason);
        if (error.code === "credentials_wrong") {
            current.setError(tr("password.wrong"));
            current.input.focus();
        }
        return Boolean(refused) || error.code === "credentials_wrong";
    }

    /** @param {Event} event */
    function send(event) {
        event.preventDefault();
        if (busy.isBusy) return;
        const isMissing = current.value === "";
        current.setError(isMissing ? tr("field.missing") : null);
        if (isMissing) current.input.focus();
        else if (password.check()) void busy.send(save, otherwise);
    }

    const form = h(
        "form",
        { class: "stack", novalidate: true, onsubmit: send },
        hiddenUserName(profile.userName),
        current.element,
        ...password.elements,
        busy.message,
        busy.liveRegion,
        h("p", null, submit),
    );
    return section(head, form);
}
