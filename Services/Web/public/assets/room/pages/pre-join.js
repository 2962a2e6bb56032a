// @ts-check
import { ApiError } from "../../lib/api.js";
import { h, icon, mount } from "../../lib/dom.js";
import { errorText, reasonText } from "../../lib/errors.js";
import { notice, textField } from "../../lib/fields.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { atTheDoor } from "./at-the-door.js";
import { connectionCheck } from "./connection-check.js";
import { deviceChoices } from "./device-choices.js";
import { frame } from "./frame.js";
import { preview } from "./preview.js";

/**
 * @typedef {import("../../lib/wire-directory.js").EntryGrant} EntryGrant
 *
 * @typedef {object} PreJoinOptions
 * @property {EntryGrant} grant
 * @property {import("../media/local-media.js").LocalMedia} local
 * @property {string} name
 * @property {string | null} accountName Of the signed-in person.
 * @property {"sessionEnded" | "accountUnknown" | null} accountNotice What has to be said about the account.
 * @property {string} signInLink
 * @property {(name: string) => Promise<void>} enter Throws what to show.
 * @property {() => Promise<EntryGrant>} refresh Asks once more how things are in the room.
 * @property {AbortSignal} signal
 */

/**
 * The room before one is in it: who one is, what one looks like, and the way in.
 *
 * @param {PreJoinOptions} options
 * @returns {HTMLElement}
 */
export function preJoinPage(options) {
    const { grant, local, signal } = options;
    const door = atTheDoor(options);
    const warning = h("div", { class: "join-warning" });
    const update = () => mount(warning, deviceNotice(local));
    update();
    local.addEventListener("source", update, { signal });
    onLanguageChange(update, signal);
    return frame(
        h("div", { class: "join" },
            h("div", { class: "join-intro" },
                h("div", { class: "join-marks" }, ...door.badges, ...marks(options)),
                h("h1", { class: "join-title", tabindex: -1, autofocus: options.name !== "", style: { "--room-color": `var(--room-${grant.room.color})` } }, grant.room.name),
                grant.room.description !== "" && h("p", { class: "join-description" }, grant.room.description)),
            h("div", { class: "join-picture" }, preview(local, options.name, signal), warning),
            devices(options),
            joinForm(options, door.notices)));
}

/**
 * Devices and connection, before who one is. On a phone they are folded up, so that the way in is not below them.
 *
 * @param {PreJoinOptions} options
 */
function devices({ grant, local, signal }) {
    const isWide = window.matchMedia("(min-width: 56rem)").matches;
    return h("section", { class: "join-devices", "aria-label": tr("join.check") },
        connectionCheck(grant.room.id, signal),
        h("details", { open: isWide },
            h("summary", { class: "join-devices-title" }, icon("settings"), tr("join.devices")),
            deviceChoices(local, signal)));
}

/** @param {PreJoinOptions} options */
function marks({ grant, accountName }) {
    return [
        grant.room.hasPIN && h("span", { class: "badge" }, icon("lock"), tr("join.hasPin")),
        grant.role === "moderator" && accountName !== null &&
            h("span", { class: "badge badge-accent" }, icon("crown"), tr("join.moderator")),
    ];
}

/**
 * @param {PreJoinOptions} options
 * @param {import("../../lib/dom.js").Child[]} notices
 */
function joinForm({ name, accountName, accountNotice, signInLink, enter }, notices) {
    const field = textField({
        label: tr("join.name"), name: "name", value: name, required: true, hint: tr("join.nameHint"),
        attributes: { autocomplete: "name", maxlength: limits.displayName.max, autofocus: name === "" },
    });
    const problem = h("div", { class: "join-problem" });
    const button = h("button", { class: "button button-primary button-large button-wide" }, tr("join.enter"));
    const submit = async () => {
        // Not disabled: a disabled button would drop the focus of who uses the keyboard.
        if (button.getAttribute("aria-busy") === "true") return;
        const entered = field.value.trim();
        field.setError(entered === "" ? tr("field.missing") : null);
        if (entered === "") return field.input.focus();
        button.setAttribute("aria-busy", "true");
        mount(problem);
        try {
            await enter(entered);
        } catch (error) {
            const reason = error instanceof ApiError ? error.fields.find(({ field: name }) => name === "displayName")?.reason : undefined;
            if (reason) field.setError(() => reasonText(reason, limits.displayName));
            else mount(problem, notice("error", h("p", null, () => errorText(error))));
        } finally {
            button.removeAttribute("aria-busy");
        }
    };
    return h("form", { class: "card join-form", novalidate: true, onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void submit();
    } },
        accountNotice && notice("warning", h("p", null, tr(accountNotice === "sessionEnded" ? "join.sessionEnded" : "join.accountUnknown"))),
        field.element, ...notices.flat(), problem, button,
        accountName === null
            ? h("a", { class: "button button-quiet", href: signInLink }, icon("user"), tr("join.signIn"))
            : h("p", { class: "join-account muted small" }, icon("user"), tr("join.signedIn", { name: accountName })));
}

/**
 * What is wrong with the devices, in one message, and that it is no reason to stay away.
 *
 * @param {import("../media/local-media.js").LocalMedia} local
 */
function deviceNotice(local) {
    const camera = local.problem("camera");
    const microphone = local.problem("microphone");
    if (!camera && !microphone) return null;
    const together = camera === microphone && (camera === "denied" || camera === "missing" || camera === "unsupported");
    const keys = together
        ? [`device.both.${camera}`]
        : [camera && `device.camera.${camera}`, microphone && `device.microphone.${microphone}`].filter(Boolean);
    const again = () => void local.prepare({
        microphone: local.isOn("microphone") || microphone !== null, camera: local.isOn("camera") || camera !== null,
    });
    return notice("warning",
        ...keys.map((key) => h("p", null, t(String(key)))),
        h("p", null, t("join.without")),
        h("button", { class: "button notice-button", type: "button", onclick: again }, icon("refresh"), t("device.tryAgain")));
}
