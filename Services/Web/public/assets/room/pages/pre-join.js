// @ts-check
import { ApiError } from "../../lib/api.js";
import { h, icon, mount, set, setText } from "../../lib/dom.js";
import { errorText, reasonText } from "../../lib/errors.js";
import { notice, textField } from "../../lib/fields.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { startText } from "../../lib/occurrence.js";
import { pollWhileVisible } from "../../lib/page.js";
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
 * @property {() => Promise<EntryGrant>} refresh Asks once more how many are inside.
 * @property {AbortSignal} signal
 */

/** Milliseconds between two looks at how many places are taken. */
const occupancyPeriod = 15_000;

/**
 * The room before one is in it: who one is, what one looks like, and the way in.
 *
 * @param {PreJoinOptions} options
 * @returns {HTMLElement}
 */
export function preJoinPage(options) {
    const { grant, local, signal } = options;
    const seats = seatsShown(options);
    const warning = h("div", { class: "join-warning" });
    const update = () => mount(warning, deviceNotice(local));
    update();
    local.addEventListener("source", update, { signal });
    onLanguageChange(update, signal);
    return frame(
        h("div", { class: "join" },
            h("div", { class: "join-intro" },
                h("div", { class: "join-marks" }, appointment(options), seats.badge, ...marks(options)),
                h("h1", { class: "join-title", tabindex: -1, autofocus: options.name !== "", style: { "--room-color": `var(--room-${grant.room.color})` } }, grant.room.name),
                grant.room.description !== "" && h("p", { class: "join-description" }, grant.room.description)),
            h("div", { class: "join-picture" }, preview(local, options.name, signal), warning),
            devices(options),
            joinForm(options, [entryHint(grant), seats.notice])));
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

/**
 * How many are inside, and in words when there is no place left. It changes while one stands at the door.
 *
 * @param {PreJoinOptions} options
 */
function seatsShown({ grant, refresh, signal }) {
    let { occupancy, seats } = grant;
    const words = h("span", null);
    const badge = h("span", { class: "badge" }, icon("people"), words);
    const full = h("div", { class: "join-full", role: "status" });
    const show = () => {
        const isFull = occupancy !== undefined && occupancy >= seats;
        set(badge, { class: ["badge", isFull && "badge-warning"], hidden: occupancy === undefined });
        setText(words, occupancy ? t("join.inside", { count: occupancy, seats }) : t("join.nobody"));
        if (isFull !== full.hasChildNodes()) mount(full, isFull && notice("warning", h("p", null, tr("join.full"))));
    };
    let isFirst = true;
    pollWhileVisible(async () => {
        // The page has just been told.
        if (isFirst) {
            isFirst = false;
            return;
        }
        try {
            ({ occupancy, seats } = await refresh());
            show();
        } catch {
            // The next round tries again, and who enters reads what is wrong.
        }
    }, occupancyPeriod, signal);
    onLanguageChange(show, signal);
    show();
    return { badge, notice: full };
}

/** @param {PreJoinOptions} options */
function appointment({ grant: { nextAppointment } }) {
    return nextAppointment ? h("span", { class: "badge badge-accent" }, icon("calendar"), () => startLine(nextAppointment)) : null;
}

/**
 * What is said of the next appointment: also when it has begun.
 *
 * @param {import("../../lib/wire-directory.js").Occurrence} next
 */
function startLine(next) {
    return Date.parse(next.start) <= Date.now() ? t("join.running", { when: startText(next) }) : t("join.starts", { when: startText(next) });
}

/**
 * What awaits somebody behind the door.
 *
 * @param {EntryGrant} grant
 */
function entryHint({ admission, room }) {
    const hints = [];
    if (admission && admission !== "direct") hints.push(h("p", null, tr(`join.admission.${admission}`)));
    if (room.options.muteOnJoining) hints.push(h("p", null, tr("join.muted")));
    return hints.length > 0 && notice("info", ...hints);
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
