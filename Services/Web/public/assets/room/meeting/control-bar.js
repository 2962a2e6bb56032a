// @ts-check
import { h, icon, mount, set } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";
import { canShareScreen } from "../media/devices.js";

/**
 * @typedef {import("../../lib/dom.js").IconName} IconName
 * @typedef {"microphone" | "camera" | "screen" | "hand" | "chat" | "people" | "settings" | "leave"} Control
 *
 * @typedef {object} BarState
 * @property {boolean} microphone
 * @property {boolean} camera
 * @property {boolean} screen
 * @property {boolean} hand
 * @property {"chat" | "people" | null} panel
 * @property {number} unread
 * @property {number} people
 * @property {number} waiting People in the lobby.
 * @property {boolean} mayShareScreen
 * @property {boolean} microphoneProblem
 * @property {boolean} cameraProblem
 */

/** The buttons at the lower edge. */
export class ControlBar {
    /** @type {Map<Control, HTMLButtonElement>} */
    #buttons = new Map();
    /** @type {Map<Control, HTMLElement>} */
    #badges = new Map();
    element;

    /** @param {(control: Control) => void} pressed */
    constructor(pressed) {
        /** @param {Control} control */
        const button = (control) => {
            const element = h("button", { class: "round-button", type: "button", onclick: () => pressed(control) });
            this.#buttons.set(control, element);
            return h("div", { class: ["bar-item", `bar-${control}`] }, element);
        };
        this.element = h("footer", { class: "bar" },
            h("div", { class: "bar-group" }, button("microphone"), button("camera"), canShareScreen() && button("screen"), button("hand")),
            h("div", { class: "bar-group" }, button("chat"), button("people"), button("settings")),
            h("div", { class: "bar-group" }, button("leave")));
        for (const control of /** @type {Control[]} */ (["chat", "people", "microphone", "camera"])) this.#addBadge(control);
    }

    /** @param {BarState} state */
    update(state) {
        set(this.element, { "aria-label": t("meet.controls") });
        this.#show("microphone", state.microphone ? "mic" : "mic-off", state.microphone ? "meet.micOff" : "meet.micOn", state.microphone ? "" : "off");
        this.#show("camera", state.camera ? "camera" : "camera-off", state.camera ? "meet.cameraOff" : "meet.cameraOn", state.camera ? "" : "off");
        const share = state.mayShareScreen ? "meet.share" : "meet.shareModerators";
        this.#show("screen", state.screen ? "screen-stop" : "screen", state.screen ? "meet.stopSharing" : share, state.screen ? "on" : "");
        // Not `disabled`: who can't see it hears why.
        this.#buttons.get("screen")?.setAttribute("aria-disabled", String(!state.mayShareScreen && !state.screen));
        this.#show("hand", "hand", state.hand ? "meet.lowerHand" : "meet.raiseHand", state.hand ? "on" : "");
        this.#show("chat", "chat", "meet.chat", state.panel === "chat" ? "open" : "");
        this.#show("people", "people", "meet.people", state.panel === "people" ? "open" : "");
        this.#show("settings", "settings", "meet.settings", "");
        this.#show("leave", "leave", "meet.leave", "danger");
        this.#buttons.get("chat")?.setAttribute("aria-expanded", String(state.panel === "chat"));
        this.#buttons.get("people")?.setAttribute("aria-expanded", String(state.panel === "people"));
        this.#badge("chat", state.unread > 0 ? (state.unread > 99 ? "99+" : String(state.unread)) : "", t("meet.unread", { count: state.unread }));
        const knocks = state.waiting > 0;
        this.#badges.get("people")?.classList.toggle("bar-badge-knocks", knocks);
        this.#badge("people", String(knocks ? state.waiting : state.people),
            knocks ? t("lobby.knocksMany", { count: state.waiting }) : t("people.count", { count: state.people }));
        this.#badge("microphone", state.microphoneProblem && !state.microphone ? "!" : "", "");
        this.#badge("camera", state.cameraProblem && !state.camera ? "!" : "", "");
    }

    /** @param {Control} control */
    focus(control) {
        this.#buttons.get(control)?.focus();
    }

    /**
     * @param {Control} control
     * @param {IconName} iconName
     * @param {string} key
     * @param {"" | "on" | "off" | "open" | "danger"} look
     */
    #show(control, iconName, key, look) {
        const button = this.#buttons.get(control);
        if (!button) return;
        const label = t(key);
        if (button.getAttribute("aria-label") !== label) set(button, { "aria-label": label, title: label });
        set(button, { class: ["round-button", look && `round-button-${look}`] });
        if (button.dataset["icon"] === iconName) return;
        button.dataset["icon"] = iconName;
        mount(button, icon(iconName));
    }

    /** @param {Control} control */
    #addBadge(control) {
        const button = this.#buttons.get(control);
        const badge = h("span", { class: ["bar-badge", `bar-badge-${control}`], id: `bar-badge-${control}`, hidden: true });
        button?.parentElement?.append(badge);
        button?.setAttribute("aria-describedby", badge.id);
        this.#badges.set(control, badge);
    }

    /**
     * @param {Control} control
     * @param {string} text
     * @param {string} description
     */
    #badge(control, text, description) {
        const badge = this.#badges.get(control);
        if (!badge) return;
        badge.hidden = text === "";
        if (badge.dataset["text"] === `${text} ${description}`) return;
        badge.dataset["text"] = `${text} ${description}`;
        mount(badge, h("span", { "aria-hidden": "true" }, text), h("span", { class: "visually-hidden" }, description));
    }
}
