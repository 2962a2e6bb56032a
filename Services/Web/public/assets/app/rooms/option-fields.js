// @ts-check
// What may be chosen for the meetings of a room, each with what it means.
import { radioField, selectField } from "../../lib/choices.js";
import { h } from "../../lib/dom.js";
import { checkField } from "../../lib/fields.js";
import { tr } from "../../lib/i18n.js";

/** @typedef {import("../../lib/wire-directory.js").RoomOptions} RoomOptions */
/** @typedef {import("../../lib/wire-directory.js").Lobby} Lobby */
/** @typedef {import("../../lib/wire-directory.js").Who} Who */

const lobbies = /** @type {readonly Lobby[]} */ (Object.freeze(["nobody", "guests", "everyone"]));
const groups = /** @type {readonly Who[]} */ (Object.freeze(["everyone", "moderators"]));

/** @param {RoomOptions} options */
export function optionFields(options) {
    const lobby = radioField({
        label: tr("roomForm.lobby"),
        name: "lobby",
        value: options.lobby,
        choices: lobbies.map((value) => ({ value, label: tr(`roomForm.lobby.${value}`), hint: tr(`roomForm.lobby.${value}Hint`) })),
    });
    return {
        lobby: /** @type {{ element: HTMLElement, value: Lobby }} */ (lobby),
        waitForModerator: switchField("waitForModerator", options.waitForModerator),
        everyoneModerates: switchField("everyoneModerates", options.everyoneModerates),
        muteOnJoining: switchField("muteOnJoining", options.muteOnJoining),
        screenSharing: whoField("screenSharing", options.screenSharing),
        chat: whoField("chat", options.chat),
        keepChat: switchField("keepChat", options.keepChat),
    };
}

/**
 * @param {"waitForModerator" | "everyoneModerates" | "muteOnJoining" | "keepChat"} key
 * @param {boolean} value
 */
function switchField(key, value) {
    const { element, input } = checkField({ label: tr(`roomForm.${key}`), hint: tr(`roomForm.${key}Hint`), name: key, checked: value, switch: true });
    return {
        element,
        get value() {
            return input.checked;
        },
        set value(on) {
            input.checked = on;
        },
    };
}

/**
 * @param {"screenSharing" | "chat"} key
 * @param {Who} value
 */
function whoField(key, value) {
    const field = selectField({
        label: tr(`roomForm.${key}`),
        name: key,
        value,
        choices: groups.map((who) => ({ value: who, label: tr(`roomForm.who.${who}`) })),
    });
    return /** @type {{ element: HTMLElement, value: Who }} */ (/** @type {unknown} */ (field));
}

/**
 * A part of a long form.
 * @param {() => string} title
 * @param {() => string} text
 * @param {...import("../../lib/dom.js").Child} children
 */
export function formPart(title, text, ...children) {
    return h("section", { class: "form-part stack" }, h("div", null, h("h3", null, title), h("p", { class: "muted small" }, text)), ...children);
}
