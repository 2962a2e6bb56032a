// @ts-check
import { api, ApiError } from "../lib/api.js";
import { h, hidden, icon, mount, setText } from "../lib/dom.js";
import { errorText, reasonText } from "../lib/errors.js";
import { checkField, notice, textField } from "../lib/fields.js";
import { t, tr } from "../lib/i18n.js";
import { limits } from "../lib/limits.js";
import { aliasFromInvitation, roomLink, roomPath } from "../lib/links.js";
import { preferences } from "../lib/preferences.js";
import { appearanceSwitch, languageSwitch } from "../lib/switches.js";
import { brand } from "./header.js";

/** @typedef {import("../lib/fields.js").TextField} TextField */

/** The person is signed in now. */
export class SignedInEvent extends Event {
    /** @param {import("../lib/wire.js").SessionView} session */
    constructor(session) {
        super("signedin");
        this.session = session;
    }
}

export class SignIn extends HTMLElement {
    #form = signInForm((session) => this.dispatchEvent(new SignedInEvent(session)));

    /** @param {Node | null} message why the person is asked */
    constructor(message) {
        super();
        this.message = message;
    }

    connectedCallback() {
        mount(
            this,
            h(
                "div",
                { class: "entrance" },
                h("header", { class: "entrance-header picker-compact" }, brand(), h("div", { class: "grow" }), languageSwitch(), appearanceSwitch()),
                h(
                    "main",
                    { class: "entrance-main", id: "content" },
                    h(
                        "div",
                        { class: "entrance-form stack" },
                        h("div", { class: "entrance-heading" }, h("h1", null, tr("start.heading")), h("p", { class: "muted" }, tr("start.lead"))),
                        this.message,
                        this.#form.element,
                        invitationForm(),
                    ),
                ),
            ),
            h(
                "aside",
                { class: "promise" },
                h("img", { class: "promise-picture", src: "/assets/img/welcome.svg", alt: "", width: 560, height: 440 }),
                h("p", { class: "promise-title" }, tr("start.promise")),
                h("p", { class: "promise-text" }, tr("start.promiseText")),
            ),
        );
    }

    focusFirst() {
        // On a phone the keyboard would cover the page before anybody has read it.
        if (matchMedia("(hover: hover)").matches) this.#form.focusFirst();
    }
}

/** @param {(session: import("../lib/wire.js").SessionView) => void} done */
function signInForm(done) {
    const fields = signInFields();
    const stay = checkField({ label: tr("signIn.stay"), name: "stay", hint: tr("signIn.stayHint") });
    const message = h("div", null);
    const submit = h("button", { class: "button button-primary button-large button-wide", type: "submit" }, tr("signIn.submit"));
    const element = h(
        "form",
        { class: "stack", novalidate: true, onsubmit: send },
        ...Object.values(fields).map((field) => field.element),
        stay.element,
        message,
        submit,
    );

    /** @param {Event} event */
    async function send(event) {
        event.preventDefault();
        if (submit.getAttribute("aria-busy") === "true" || !check(fields)) return;
        mount(message);
        submit.setAttribute("aria-busy", "true");
        try {
            const organization = fields.organization.value.trim();
            const session = await api.signIn({
                userName: fields.userName.value.trim(),
                password: fields.password.value,
                organization,
                stayLoggedIn: stay.input.checked,
            });
            preferences.organization = organization;
            done(session);
        } catch (error) {
            show(error);
        } finally {
            submit.removeAttribute("aria-busy");
        }
    }

    /** @param {unknown} error */
    function show(error) {
        mount(message, notice("error", () => errorText(error)));
        if (!(error instanceof ApiError)) return;
        for (const { field, reason } of error.fields) {
            fields[/** @type {keyof typeof fields} */ (field)]?.setError(() => reasonText(reason));
        }
        if (error.code === "credentials_wrong") {
            fields.password.input.focus();
            /** @type {HTMLInputElement} */ (fields.password.input).select();
        }
    }

    return {
        element,
        focusFirst: () => (Object.values(fields).find((field) => field.value === "") ?? fields.userName).input.focus(),
    };
}

function signInFields() {
    const plain = { autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
    const userName = textField({
        label: tr("signIn.userName"),
        name: "userName",
        hint: tr("signIn.userNameHint"),
        required: true,
        attributes: { ...plain, autocomplete: "username", maxlength: limits.userName.max },
    });
    const organization = textField({
        label: tr("signIn.organization"),
        name: "organization",
        value: preferences.organization,
        hint: tr("signIn.organizationHint"),
        required: true,
        attributes: { ...plain, autocomplete: "organization", maxlength: limits.ucsid.max },
    });
    return { userName, password: passwordField(plain), organization };
}

/** @param {Record<string, string>} plain */
function passwordField(plain) {
    const toggle = h("button", { class: "icon-button", type: "button" });
    const capsLock = h("p", { class: "field-hint", role: "status" });
    const field = textField({
        label: tr("signIn.password"),
        name: "password",
        type: "password",
        required: true,
        attributes: { ...plain, autocomplete: "current-password" },
        after: [toggle],
    });
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

/** For guests: from a link or alias to its room. */
function invitationForm() {
    const field = textField({
        label: tr("invitation.field"),
        name: "invitation",
        hint: tr("invitation.hint"),
        attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false", inputmode: "url" },
    });
    const form = h(
        "form",
        { class: "stack invitation-form", novalidate: true, hidden: true, onsubmit: go },
        field.element,
        h("button", { class: "button button-wide", type: "submit" }, tr("invitation.go")),
    );
    const opener = h(
        "button",
        { class: "button button-quiet button-wide", type: "button", "aria-expanded": false, onclick: toggle },
        icon("link"),
        tr("invitation.open"),
    );

    function toggle() {
        form.hidden = !form.hidden;
        opener.setAttribute("aria-expanded", String(!form.hidden));
        if (!form.hidden) field.input.focus();
    }

    /** @param {Event} event */
    function go(event) {
        event.preventDefault();
        const alias = aliasFromInvitation(field.value, location.origin);
        if (alias) return location.assign(roomPath(alias));
        const example = roomLink("team-weekly").replace(/^https?:\/\//, "");
        field.setError(field.value.trim() ? tr("invitation.wrong", { example }) : tr("field.missing"));
        return field.input.focus();
    }

    return h("div", { class: "invitation" }, opener, form);
}

customElements.define("parley-sign-in", SignIn);
