// @ts-check
// Name, picture and colour.
import { api, ApiError } from "../../lib/api.js";
import { fact } from "../../lib/choices.js";
import { h, hidden, icon, mount, setText } from "../../lib/dom.js";
import { errorText, reasonText } from "../../lib/errors.js";
import { notice, textField } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { characters, limits } from "../../lib/limits.js";
import { ownProfile } from "../../lib/own-profile.js";
import { toast } from "../../lib/toast.js";
import { BusyForm } from "../account/busy-form.js";
import { section } from "../account/section.js";
import { avatar } from "../avatar.js";
import { avatarColorField } from "./avatar-color-field.js";
import { NoPicture, smallPicture } from "./picture.js";
import { saveNow } from "./save.js";

/** @typedef {import("../../lib/wire.js").ProfileView} ProfileView */

/**
 * @param {ProfileView} profile
 * @param {import("../../lib/wire.js").OrganizationView} organization
 * @param {AbortSignal} signal
 */
export function personSection(profile, organization, signal) {
    return section(
        { title: tr("profile.person"), text: tr("profile.personText") },
        pictureField(profile, signal),
        profile.origin === "local" ? nameForm(profile) : keptElsewhere(profile),
        h(
            "dl",
            { class: "facts" },
            fact(tr("signIn.userName"), profile.userName).element,
            fact(tr("profile.email"), profile.email ?? tr("profile.noEmail")).element,
            fact(tr("signIn.organization"), `${organization.name} (${organization.ucsid})`).element,
        ),
    );
}

/** @param {ProfileView} profile */
function keptElsewhere(profile) {
    return h(
        "div",
        { class: "stack" },
        h("dl", { class: "facts" }, fact(tr("profile.name"), profile.displayName).element),
        notice("info", tr("profile.nameElsewhere")),
    );
}

/** @param {ProfileView} profile */
function nameForm(profile) {
    const submit = h("button", { class: "button", type: "submit" }, tr("common.save"));
    const busy = new BusyForm(submit);
    const name = textField({
        label: tr("profile.name"),
        name: "displayName",
        value: profile.displayName,
        hint: tr("profile.nameHint"),
        required: true,
        attributes: { autocomplete: "name" },
    });
    const save = async () => {
        const { displayName } = await ownProfile.change({ displayName: name.value.trim() });
        name.value = displayName;
        api.forgetToken();
        toast(tr("profile.saved"), { kind: "success" });
    };
    /** @param {unknown} error */
    const otherwise = (error) => {
        const refused = error instanceof ApiError ? error.fields.find(({ field }) => field === "displayName") : undefined;
        if (refused) name.setError(() => reasonText(refused.reason, limits.displayName));
        return Boolean(refused);
    };
    /** @param {Event} event */
    function send(event) {
        event.preventDefault();
        const length = characters(name.value.trim());
        const reason = length === 0 ? "missing" : length > limits.displayName.max ? "too_long" : null;
        name.setError(reason && (() => reasonText(reason, limits.displayName)));
        if (reason) name.input.focus();
        else void busy.send(save, otherwise);
    }
    return h(
        "form",
        { class: "stack", novalidate: true, onsubmit: send },
        name.element,
        busy.message,
        busy.liveRegion,
        h("p", null, submit),
    );
}

/**
 * @param {ProfileView} profile
 * @param {AbortSignal} signal
 */
function pictureField(profile, signal) {
    const shown = h("div", { class: "picture-shown" });
    const message = h("p", { class: "field-error", role: "alert", hidden: true });
    const input = h("input", { class: "visually-hidden", type: "file", accept: "image/*", tabindex: -1, "aria-hidden": true, onchange: chosen });
    const choose = h("button", { class: "button", type: "button", onclick: () => input.click() }, icon("picture"), h("span", null));
    const remove = h("button", { class: "button button-quiet", type: "button", onclick: () => run(() => api.profile.removePicture()) }, tr("picture.remove"));
    const color = avatarColorField(profile.avatarColor, (value) => void saveNow({ avatarColor: value ?? undefined }, render));

    function render() {
        const now = ownProfile.current ?? profile;
        mount(shown, avatar(now.displayName, now));
        setText(/** @type {HTMLElement} */ (choose.lastElementChild), tr(now.picture ? "picture.change" : "picture.choose"));
        remove.hidden = !now.picture;
        color.element.hidden = Boolean(now.picture);
        color.value = now.avatarColor;
    }

    async function chosen() {
        const [file] = input.files ?? [];
        input.value = "";
        if (file) await run(async () => api.profile.setPicture(await smallPicture(file)));
    }

    /** @param {() => Promise<ProfileView>} work */
    async function run(work) {
        if (choose.getAttribute("aria-busy") === "true") return;
        message.hidden = true;
        choose.setAttribute("aria-busy", "true");
        try {
            ownProfile.put(await work());
            toast(tr("profile.saved"), { kind: "success" });
            choose.focus();
        } catch (error) {
            message.hidden = false;
            mount(message, icon("warning"), h("span", null, () => (error instanceof NoPicture ? t("picture.unreadable") : errorText(error))));
        } finally {
            choose.removeAttribute("aria-busy");
        }
    }

    ownProfile.addEventListener("change", render, { signal });
    render();
    return h(
        "div",
        { class: "picture-field" },
        shown,
        h(
            "div",
            { class: "stack picture-choices" },
            h("div", { class: "row" }, input, choose, remove, hidden(tr("picture.hint"))),
            h("p", { class: "field-hint", "aria-hidden": true }, tr("picture.hint")),
            message,
            color.element,
        ),
    );
}
