// @ts-check
import { openDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { appearanceSwitch, languageSwitch } from "../../lib/switches.js";
import { deviceChoices } from "../pages/device-choices.js";

const shortcuts = Object.freeze([
    ["M", "settings.shortcutMic"],
    ["V", "settings.shortcutCamera"],
    ["H", "settings.shortcutHand"],
    ["C", "settings.shortcutChat"],
    ["P", "settings.shortcutPeople"],
]);

/**
 * Devices, which change at once, and how the page looks.
 *
 * @param {import("../media/local-media.js").LocalMedia} local
 * @param {AbortSignal} signal Closes it: who is not in the meeting any more must not keep the microphone open.
 */
export function openSettings(local, signal) {
    const listeners = new AbortController();
    const dialog = openDialog({
        title: tr("settings.title"),
        class: "settings",
        body: [
            h("section", { class: "settings-part" }, h("h3", null, tr("settings.devices")), deviceChoices(local, listeners.signal)),
            h("section", { class: "settings-part" }, h("h3", null, tr("settings.general")),
                h("div", { class: "row settings-switches" }, languageSwitch(), appearanceSwitch())),
            h("section", { class: "settings-part settings-keyboard" }, h("h3", null, tr("settings.shortcuts")),
                h("dl", { class: "shortcuts" }, ...shortcuts.map(([key = "", text = ""]) =>
                    h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, tr(text)))))),
        ],
        onclose: () => listeners.abort(),
    });
    signal.addEventListener("abort", () => dialog.close(), { signal: listeners.signal });
}
