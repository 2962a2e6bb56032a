// @ts-check
// The dialog in which an account is made or changed.
import { api, ApiError } from "../../lib/api.js";
import { selectField } from "../../lib/choices.js";
import { confirmDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { reasonText } from "../../lib/errors.js";
import { checkField, notice, textField } from "../../lib/fields.js";
import { languages, t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { toast } from "../../lib/toast.js";
import { openDialogForm } from "../account/dialog-form.js";
import { plainText } from "../account/password-field.js";
import { askAgain } from "../account/reauthentication.js";
import { showOneTimePassword } from "./one-time-password.js";
import { personActions } from "./person-actions.js";
import { checkAccount, losesPower, mayChange, permissions } from "./rules.js";

/** @typedef {import("../../lib/wire.js").AccountView} AccountView */
/** @typedef {import("../../lib/wire.js").AccountDraft} AccountDraft */
/** @typedef {import("../../lib/wire.js").FieldProblem} FieldProblem */
/** @typedef {import("../../lib/wire.js").Reauthentication} Reauthentication */
/** @typedef {{ session: import("../../lib/wire.js").SessionView, changed: (account: AccountView) => void, removed: (account: AccountView) => void }} Context */

/**
 * @param {AccountView | null} person `null` for a new one
 * @param {Context} context
 */
export function openPersonForm(person, { session, changed, removed }) {
    const isOwn = person?.account === session.account;
    const fields = personFields(person, session);
    /** The state that a change is based on. */
    let version = person?.version ?? 0;

    /** @param {Reauthentication} [shown] */
    async function add(shown) {
        const { account, oneTimePassword } = await api.administration.addAccount({ ...fields.draft, shown });
        dialog.close();
        changed(account);
        setTimeout(() => showOneTimePassword(account.userName, oneTimePassword, { isNew: true }));
    }

    /**
     * @param {AccountView} account
     * @param {Reauthentication} [shown]
     */
    async function change(account, shown) {
        const isLoss = isOwn && losesPower(account, fields.draft);
        // Who shows the password has been asked before.
        if (isLoss && !shown && !(await confirmLoss())) throw new Cancelled();
        const result = await api.administration.changeAccount(account.account, version, { ...fields.draft, shown });
        dialog.close();
        // This page is not theirs any more.
        if (isLoss) return location.assign("/");
        changed(result);
        toast(tr("people.saved", { name: result.displayName }), { kind: "success" });
        return undefined;
    }

    /** @param {Reauthentication} [shown] */
    const send = (shown) => (person ? change(person, shown) : add(shown));

    /** Somebody else was faster: say so, and let the person decide whose state stays. */
    async function showConflict() {
        const current = person && (await api.administration.account(person.account).catch(() => null));
        if (!current) return dialog.busy.say("error", tr("people.gone"));
        version = current.version;
        dialog.busy.say("warning", h("strong", null, tr("people.conflict")), " ", tr("people.conflictText"));
        return dialog.button.focus();
    }

    const isForeign = person !== null && !mayChange(session, person.permissions);
    if (isForeign) fields.disable();
    const dialog = openDialogForm({
        title: person ? tr("people.edit") : tr("people.add"),
        class: "dialog-person",
        submit: tr(person ? "common.save" : "people.create"),
        body: [
            isForeign && notice("info", tr("people.foreign")),
            isOwn && notice("info", tr("people.ownText")),
            person && person.origin !== "local" && notice("info", tr(`people.originText.${person.origin}`)),
            ...fields.elements,
            person && !isForeign
                ? personActions(person, {
                      isOwn,
                      version: () => version,
                      changed(account) {
                          version = account.version;
                          changed(account);
                      },
                      removed() {
                          dialog.close();
                          removed(person);
                      },
                  })
                : null,
        ],
        check: () => fields.check(),
        send: () => send(),
        otherwise(error) {
            if (error instanceof Cancelled) return true;
            if (!(error instanceof ApiError)) return false;
            if (error.code === "precondition_failed") {
                void showConflict();
                return true;
            }
            if (error.code === "password_needed") {
                askAgain({ title: tr("people.power"), text: tr("people.powerText"), submit: tr("common.continue"), needsCode: false, send });
                return true;
            }
            if (error.code === "user_name_taken") return fields.show([{ field: "userName", reason: "taken" }]);
            if (error.code === "not_found") {
                dialog.busy.say("error", tr("people.gone"));
                return true;
            }
            return fields.show(error.fields);
        },
    });
    dialog.button.hidden = isForeign;
    if (!isForeign) fields.focus(person === null);
}

/** The person has thought better of it. */
class Cancelled extends Error {}

function confirmLoss() {
    return confirmDialog({ title: tr("people.lossTitle"), text: tr("people.lossText"), confirm: tr("people.lossConfirm"), danger: true });
}

/**
 * @param {AccountView | null} person
 * @param {import("../../lib/wire.js").SessionView} session
 */
function personFields(person, session) {
    const text = (/** @type {"userName" | "displayName" | "email"} */ name, /** @type {Record<string, any>} */ more = {}) =>
        textField({ label: tr(`person.${name}`), name, value: person?.[name] ?? "", ...more });
    const displayName = text("displayName", { required: true, attributes: { autocomplete: "off" } });
    const userName = text("userName", { required: true, hint: tr("person.userNameHint"), attributes: { ...plainText, autocomplete: "off" } });
    const email = text("email", { type: "email", optional: tr("common.optional"), attributes: { ...plainText, autocomplete: "off" } });
    const language = selectField({
        label: tr("common.language"),
        name: "language",
        value: person?.language ?? "",
        choices: [{ value: "", label: tr("person.languageNone") }, ...languages.map(({ code, name }) => ({ value: code, label: name }))],
    });
    const granted = permissions.map((permission) => {
        const key = permission.replace(".", "_");
        const field = checkField({
            label: tr(`permission.${key}`),
            name: permission,
            hint: tr(`permissionText.${key}`),
            checked: person?.permissions.includes(permission) ?? permission === "rooms.create",
        });
        field.input.disabled = permission === "system.admin" && !session.permissions.includes("system.admin");
        return { permission, field };
    });
    const enabled = checkField({ label: tr("person.enabled"), name: "enabled", hint: tr("person.enabledHint"), switch: true, checked: person?.isEnabled ?? true });
    const texts = { displayName, userName, email };

    /**
     * Shows each problem beside its field, and none where there is none.
     * @param {FieldProblem[]} problems
     * @returns {boolean} whether there was one
     */
    function show(problems) {
        let first = null;
        for (const [name, field] of Object.entries(texts)) {
            const problem = problems.find((one) => one.field === name);
            field.setError(problem ? () => problemText(problem) : null);
            if (problem) first ??= field.input;
        }
        first?.focus();
        return first !== null;
    }

    return {
        elements: [
            displayName.element,
            userName.element,
            email.element,
            language.element,
            h(
                "fieldset",
                { class: "field" },
                h("div", { class: "field-label" }, h("legend", null, tr("person.permissions"))),
                ...granted.map(({ field }) => field.element),
            ),
            enabled.element,
        ],
        /** @returns {AccountDraft} */
        get draft() {
            return {
                userName: userName.value.trim(),
                displayName: displayName.value.trim(),
                email: email.value.trim() || undefined,
                language: /** @type {import("../../lib/wire.js").Language} */ (language.value) || undefined,
                permissions: granted.filter(({ field }) => field.input.checked).map(({ permission }) => permission),
                isEnabled: enabled.input.checked,
            };
        },
        check() {
            return !show(checkAccount(this.draft));
        },
        show,
        focus: (/** @type {boolean} */ isNew) => isNew && displayName.input.focus(),
        disable() {
            for (const { input } of [...Object.values(texts), language, enabled, ...granted.map(({ field }) => field)]) input.disabled = true;
        },
    };
}

/** @param {FieldProblem} problem */
function problemText({ field, reason }) {
    if (field === "userName" && reason === "taken") return t("error.user_name_taken");
    if (field === "userName" && reason === "bad_format") return t("person.userNameForm");
    if (field === "email" && reason === "bad_format") return t("person.emailForm");
    return reasonText(reason, field === "userName" ? limits.userName : field === "displayName" ? limits.displayName : { max: limits.email });
}
