// @ts-check
import { h, icon, mount, set } from "../../lib/dom.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { avatar } from "../meeting/avatar.js";
import { attach } from "../meeting/video.js";

/**
 * One's own picture as in a mirror, with the switches for what is on at entry.
 *
 * @param {import("../media/local-media.js").LocalMedia} local
 * @param {string} name
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function preview(local, name, signal) {
    const video = h("video", { class: "preview-video mirrored", playsinline: true, "aria-label": tr("join.preview") });
    video.muted = true;
    const text = h("p", { class: "preview-text" });
    const off = h("div", { class: "preview-off" }, name === "" ? h("span", { class: "avatar" }, icon("user")) : avatar(name), text);
    const microphone = h("button", { class: "round-button", type: "button" });
    const camera = h("button", { class: "round-button", type: "button" });
    microphone.addEventListener("click", () => void local.setMicrophone(!local.isOn("microphone")));
    camera.addEventListener("click", () => void local.setCamera(!local.isOn("camera")));

    const update = () => {
        const track = local.track("camera");
        attach(video, track);
        off.hidden = track !== null;
        mount(text, t("join.cameraOff"));
        showSwitch(microphone, local.isOn("microphone"), "mic");
        showSwitch(camera, local.isOn("camera"), "camera");
    };
    update();
    local.addEventListener("source", update, { signal });
    onLanguageChange(update, signal);
    signal.addEventListener("abort", () => attach(video, null), { once: true });
    return h("div", { class: "preview" }, video, off, h("div", { class: "preview-controls" }, microphone, camera));
}

/**
 * @param {HTMLElement} button
 * @param {boolean} on
 * @param {"mic" | "camera"} what
 */
function showSwitch(button, on, what) {
    const label = t(on ? `meet.${what}Off` : `meet.${what}On`);
    set(button, { class: ["round-button", !on && "round-button-off"], "aria-label": label, title: label });
    mount(button, icon(on ? what : `${what}-off`));
}
