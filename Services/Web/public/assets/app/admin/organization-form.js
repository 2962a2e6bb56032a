// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { radioField, selectField } from "../../lib/choices.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText, reasonText } from "../../lib/errors.js";
import { notice, textField } from "../../lib/fields.js";
import { languages, t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { toast } from "../../lib/toast.js";
import { BusyForm } from "../account/busy-form.js";
import { section } from "../account/section.js";
import { listField } from "./list-field.js";
import { checkOrganization } from "./rules.js";

/** @typedef {import("../../lib/wire.js").OrganizationSettingsView} OrganizationSettingsView */
/** @typedef {import("../../lib/wire.js").FieldProblem} FieldProblem */

/** The organization has another name now. */
export class RenamedEvent extends Event {
    /** @param {string} name */
    constructor(name) {
        super("renamed", { bubbles: true });
        this.name = name;
    }
}

/** The settings of an organization. */
export class OrganizationForm extends HTMLElement {
    connectedCallback() {
        void this.#load();
    }

    async #load() {
        mount(this, h("p", { class: "muted", role: "status" }, tr("common.loading")));
        try {
            this.#show(await api.administration.organization());
        } catch (error) {
            const again = h("button", { class: "button", type: "button", onclick: () => this.#load() }, icon("refresh"), tr("common.tryAgain"));
            mount(this, h("div", { class: "card empty" }, h("p", { role: "status" }, () => errorText(error)), again));
        }
    }

    /** @param {OrganizationSettingsView} view */
    #show(view) {
        const fields = organizationFields(view);
        const submit = h("button", { class: "button button-primary", type: "submit" }, tr("common.save"));
        const busy = new BusyForm(submit);
        let { version } = view;

        const save = async () => {
            const saved = await api.administration.changeOrganization(version, fields.draft);
            version = saved.version;
            fields.put(saved.settings);
            this.dispatchEvent(new RenamedEvent(saved.settings.name));
            toast(tr("settings.saved"), { kind: "success" });
        };
        const showConflict = async () => {
            const current = await api.administration.organization().catch(() => null);
            version = current?.version ?? version;
            const other = h("button", { class: "button", type: "button", onclick: () => this.#load() }, tr("settings.takeOther"));
            busy.say("warning", h("p", null, h("strong", null, tr("settings.conflict")), " ", tr("settings.conflictText")), other);
            submit.focus();
        };
        /** @param {unknown} error */
        const otherwise = (error) => {
            if (!(error instanceof ApiError)) return false;
            if (error.code === "precondition_failed") {
                void showConflict();
                return true;
            }
            if (error.code === "organization_taken") return fields.show([{ field: "aliases", reason: "taken" }]);
            return fields.show(error.fields);
        };
        /** @param {Event} event */
        const send = (event) => {
            event.preventDefault();
            if (busy.isBusy || !fields.finish() || fields.show(checkOrganization(fields.draft))) return;
            void busy.send(save, otherwise);
        };

        mount(
            this,
            h(
                "form",
                { class: "settings", novalidate: true, onsubmit: send },
                ...fields.sections,
                h("div", { class: "settings-end" }, busy.message, busy.liveRegion, submit),
            ),
        );
    }
}

/** @param {OrganizationSettingsView} view */
function organizationFields({ ucsid, settings }) {
    const name = textField({ label: tr("settings.name"), name: "name", value: settings.name, required: true, attributes: { autocomplete: "off" } });
    const aliases = listField({
        label: tr("settings.aliases"),
        name: "aliases",
        hint: tr("settings.aliasesHint"),
        values: settings.aliases,
        most: limits.organizationAliases,
        changed: () => {},
    });
    const domains = listField({
        label: tr("settings.domains"),
        name: "signInDomains",
        hint: tr("settings.domainsHint"),
        values: settings.signInDomains,
        most: limits.signInDomains,
        changed: () => {},
    });
    const weak = h("div", { role: "status" });
    const minimum = textField({
        label: tr("settings.passwordMinimum"),
        name: "passwordMinimum",
        type: "number",
        value: String(settings.passwordMinimum),
        hint: tr("settings.passwordMinimumHint", { least: limits.leastPasswordMinimum, most: limits.mostPasswordMinimum }),
        attributes: { class: "input number-input", min: limits.leastPasswordMinimum, max: limits.mostPasswordMinimum, inputmode: "numeric", oninput: warn },
    });
    const language = selectField({
        label: tr("settings.language"),
        name: "defaultLanguage",
        value: settings.defaultLanguage ?? "",
        hint: tr("settings.languageHint"),
        choices: [{ value: "", label: tr("profile.languageOfBrowser") }, ...languages.map(({ code, name: text }) => ({ value: code, label: text }))],
    });
    const creators = radioField({
        label: tr("settings.creators"),
        name: "roomCreators",
        value: settings.roomCreators,
        choices: [
            { value: "permitted", label: tr("settings.permitted"), hint: tr("settings.permittedHint") },
            { value: "everyone", label: tr("settings.everyone"), hint: tr("settings.everyoneHint") },
        ],
    });
    const factor = radioField({
        label: tr("factor.title"),
        name: "secondFactor",
        value: settings.secondFactor,
        onchange: warn,
        choices: [
            { value: "optional", label: tr("settings.factorOptional"), hint: tr("settings.factorOptionalHint") },
            { value: "required", label: tr("settings.factorRequired"), hint: tr("settings.factorRequiredHint") },
        ],
    });

    const attendance = radioField({
        label: tr("settings.attendance"),
        name: "attendance",
        value: settings.attendance ?? "off",
        choices: [
            { value: "off", label: tr("settings.attendanceOff"), hint: tr("settings.attendanceOffHint") },
            { value: "owner", label: tr("settings.attendanceOwner"), hint: tr("settings.attendanceOwnerHint") },
        ],
    });

    function warn() {
        const isWeak = Number(minimum.value) < limits.usualPasswordMinimum && factor.value !== "required";
        if (isWeak === weak.hasChildNodes()) return;
        mount(weak, isWeak && notice("warning", tr("settings.weak", { count: limits.usualPasswordMinimum })));
    }
    warn();

    return {
        sections: [
            section({ title: tr("settings.organization"), text: () => t("settings.organizationText", { ucsid }) }, name.element, aliases.element, language.element),
            section({ title: tr("settings.signIn"), text: tr("settings.signInText") }, domains.element, minimum.element, weak, factor.element),
            section({ title: tr("rooms.title"), text: tr("settings.roomsText") }, creators.element, attendance.element),
        ],
        /** @returns {import("../../lib/wire.js").OrganizationDraft} */
        get draft() {
            return {
                name: name.value.trim(),
                aliases: aliases.value,
                signInDomains: domains.value,
                passwordMinimum: minimum.value.trim() === "" ? NaN : Number(minimum.value),
                roomCreators: /** @type {import("../../lib/wire.js").RoomCreators} */ (creators.value),
                defaultLanguage: /** @type {import("../../lib/wire.js").Language} */ (language.value) || undefined,
                secondFactor: /** @type {import("../../lib/wire.js").SecondFactorPolicy} */ (factor.value),
                attendance: /** @type {import("../../lib/wire.js").AttendancePolicy} */ (attendance.value),
            };
        },
        /** What was typed into a list and not added is meant, too. */
        finish: () => [aliases, domains].every((field) => field.finish()),
        /** @param {import("../../lib/wire.js").OrganizationDraft} saved */
        put(saved) {
            name.value = saved.name;
            aliases.value = saved.aliases;
            domains.value = saved.signInDomains;
        },
        /**
         * @param {FieldProblem[]} problems
         * @returns {boolean} whether there was one of these fields
         */
        show(problems) {
            const shown = { name, aliases, signInDomains: domains, passwordMinimum: minimum };
            let found = false;
            for (const [key, field] of Object.entries(shown)) {
                const problem = problems.find((one) => one.field === key);
                if (problem || key === "name" || key === "passwordMinimum") field.setError(problem ? () => problemText(problem) : null);
                if (problem && !found && "input" in field) field.input.focus();
                found ||= problem !== undefined;
            }
            return found;
        },
    };
}

/** @param {FieldProblem} problem */
function problemText({ field, reason }) {
    if (field === "passwordMinimum") return t("settings.passwordMinimumHint", { least: limits.leastPasswordMinimum, most: limits.mostPasswordMinimum });
    if (field === "aliases" && reason === "taken") return t("error.organization_taken");
    return reasonText(reason, { max: limits.organizationName });
}

customElements.define("parley-organization-form", OrganizationForm);
