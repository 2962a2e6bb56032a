// @ts-check
import { h, hidden, icon, mount, set } from "../../lib/dom.js";
import { t } from "../../lib/i18n.js";
import { avatar, colorOf } from "./avatar.js";
import { attach } from "./video.js";

/**
 * @typedef {import("../protocol/messages.js").Participant} Participant
 * @typedef {import("./grid-layout.js").Rect} Rect
 *
 * @typedef {object} TileContent
 * @property {Participant} participant
 * @property {boolean} self
 * @property {boolean} speaking
 * @property {MediaStream | MediaStreamTrack | null} picture
 */

/** Narrower tiles show a smaller avatar and no extra words. */
const smallWidth = 220;

/** One person: picture or avatar, name, and what there is to know. */
export class PersonTile extends HTMLElement {
    #video = h("video", { class: "tile-video", playsinline: true, "aria-hidden": "true" });
    #face = h("div", { class: "tile-face" });
    #label = h("div", { class: "tile-label" });
    #marks = h("div", { class: "tile-marks" });
    /** What the label was made of, so that it is made anew only when it differs. */
    #shown = "";
    #faceOf = "";

    connectedCallback() {
        if (this.childElementCount > 0) return;
        this.#video.muted = true;
        this.setAttribute("role", "group");
        this.append(this.#face, this.#video, this.#marks, this.#label);
    }

    /** @param {Rect} rect */
    place({ x, y, width, height }) {
        this.style.width = `${width}px`;
        this.style.height = `${height}px`;
        this.style.transform = `translate(${x}px, ${y}px)`;
        this.classList.toggle("tile-small", width < smallWidth);
    }

    /** @param {TileContent} content */
    show({ participant, self, speaking, picture }) {
        const { id, name, state } = participant;
        this.dataset["participant"] = id;
        this.dataset["name"] = name;
        this.dataset["speaking"] = String(speaking && state.microphone);
        this.dataset["connected"] = String(participant.connected);
        this.#video.classList.toggle("mirrored", self);
        attach(this.#video, picture);
        if (this.#faceOf !== name) this.#drawFace(name);
        this.#describe(participant, self);
    }

    /** Lets go of the picture. */
    release() {
        attach(this.#video, null);
        this.remove();
    }

    /** @param {string} name */
    #drawFace(name) {
        this.#faceOf = name;
        set(this.#face, { style: { "--person-color": colorOf(name) } });
        mount(this.#face, avatar(name));
    }

    /**
     * @param {Participant} participant
     * @param {boolean} self
     */
    #describe({ name, role, state, connected }, self) {
        const shownName = self ? t("tile.named", { name }) : name;
        const hand = state.handRaisedAt !== undefined;
        const shown = [shownName, role, state.microphone, hand, connected, t("tile.muted")].join("\n");
        if (shown === this.#shown) return;
        this.#shown = shown;
        set(this, { "aria-label": shownName });
        mount(this.#label,
            !state.microphone && h("span", { class: "tile-muted", title: t("tile.muted") }, icon("mic-off"), hidden(t("tile.muted"))),
            h("span", { class: "tile-name" }, shownName),
            role === "moderator" && h("span", { class: "tile-crown", title: t("tile.moderator") }, icon("crown"), h("span", null, t("tile.moderator"))));
        mount(this.#marks,
            hand && h("span", { class: "tile-mark tile-hand", title: t("tile.hand") }, icon("hand"), hidden(t("tile.hand"))),
            !connected && h("span", { class: "tile-mark tile-lost" }, icon("warning"), h("span", null, t("tile.lost"))));
    }
}

/** Somebody's screen, whole and never cropped. */
export class ScreenTile extends HTMLElement {
    #video = h("video", { class: "screen-video", playsinline: true, "aria-hidden": "true" });
    #label = h("div", { class: "tile-label" });
    #full = h("button", { class: "icon-button screen-full", type: "button" }, icon("expand"));

    connectedCallback() {
        if (this.childElementCount > 0) return;
        this.#video.muted = true;
        this.setAttribute("role", "group");
        this.#full.addEventListener("click", () => void this.#toggleFull());
        this.append(h("div", { class: "spinner" }), this.#video, this.#label);
        if (document.fullscreenEnabled) this.append(this.#full);
    }

    /** @param {Rect} rect */
    place({ x, y, width, height }) {
        this.style.width = `${width}px`;
        this.style.height = `${height}px`;
        this.style.transform = `translate(${x}px, ${y}px)`;
    }

    /**
     * @param {Participant} participant
     * @param {MediaStream | null} picture
     */
    show({ id, name }, picture) {
        const title = t("tile.screenOf", { name });
        this.dataset["screen"] = id;
        set(this, { "aria-label": title });
        set(this.#full, { "aria-label": t("tile.fullScreen"), title: t("tile.fullScreen") });
        if (this.#label.textContent !== title) mount(this.#label, icon("screen"), h("span", { class: "tile-name" }, title));
        attach(this.#video, picture);
    }

    release() {
        attach(this.#video, null);
        this.remove();
    }

    async #toggleFull() {
        if (document.fullscreenElement === this) await document.exitFullscreen().catch(() => {});
        else await this.requestFullscreen().catch(() => {});
    }
}

export function defineTiles() {
    if (!customElements.get("parley-tile")) customElements.define("parley-tile", PersonTile);
    if (!customElements.get("parley-screen")) customElements.define("parley-screen", ScreenTile);
}
