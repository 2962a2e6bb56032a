// @ts-check
import { h, icon, mount, newID } from "../../lib/dom.js";
import { onLanguageChange, t, tr } from "../../lib/i18n.js";
import { canChooseSpeaker } from "../media/audio-outlets.js";
import { LevelMeter, playTestTone } from "../media/sound.js";

/**
 * @typedef {import("../media/local-media.js").LocalMedia} LocalMedia
 * @typedef {import("../media/devices.js").DeviceKind} DeviceKind
 */

/** Milliseconds between two looks at the microphone's level. */
const meterPeriod = 60;
const meterBars = 18;

/**
 * Choice and test of camera, microphone and speaker.
 *
 * @param {LocalMedia} local
 * @param {AbortSignal} signal Ends all of it.
 * @returns {HTMLElement}
 */
export function deviceChoices(local, signal) {
    const meter = levelBars(local, signal);
    return h("div", { class: "devices" },
        deviceChoice("camera", local, signal),
        deviceChoice("microphone", local, signal, meter),
        deviceChoice("speaker", local, signal, testButton(local)));
}

/**
 * @param {DeviceKind} kind
 * @param {LocalMedia} local
 * @param {AbortSignal} signal
 * @param {HTMLElement} [extra]
 */
function deviceChoice(kind, local, signal, extra) {
    const id = newID(kind);
    const select = h("select", { class: "input", id, onchange: () => void local.choose(kind, select.value) });
    const update = () => {
        const devices = local.devices[kind];
        const fixed = kind === "speaker" && !canChooseSpeaker;
        const labels = devices.map((device, index) =>
            h("option", { value: device.id }, device.label || t("device.unnamed", { kind: t(`device.${kind}`), number: index + 1 })));
        const nothing = t(kind === "speaker" || local.track(kind) ? "device.systemChoice" : "device.none");
        mount(select, ...(devices.length > 0 && !fixed ? labels : [h("option", { value: "" }, nothing)]));
        select.disabled = devices.length === 0 || fixed;
        select.title = fixed ? t("device.speakerFixed") : "";
        const chosen = local.chosen(kind);
        if (devices.some((device) => device.id === chosen)) select.value = chosen;
    };
    update();
    local.addEventListener("devices", update, { signal });
    local.addEventListener("source", update, { signal });
    onLanguageChange(update, signal);
    return h("div", { class: ["device", `device-${kind}`] },
        h("label", { class: "device-label", for: id }, icon(iconOf(kind)), tr(`device.${kind}`)),
        h("div", { class: "select-frame" }, select, icon("chevron")),
        extra);
}

/** @param {DeviceKind} kind @returns {import("../../lib/dom.js").IconName} */
function iconOf(kind) {
    return kind === "microphone" ? "mic" : kind;
}

/** @param {LocalMedia} local */
function testButton(local) {
    const label = h("span", null, tr("device.test"));
    const button = h("button", { class: "button device-test", type: "button", title: tr("device.testHint") }, icon("play"), label);
    button.addEventListener("click", async () => {
        if (button.getAttribute("aria-busy") === "true") return;
        button.setAttribute("aria-busy", "true");
        mount(label, tr("device.testing"));
        try {
            await playTestTone(local.chosen("speaker"));
        } catch {
            // No speaker at all: nothing is heard, which is what the test is for.
        } finally {
            button.removeAttribute("aria-busy");
            mount(label, tr("device.test"));
        }
    });
    return button;
}

/**
 * The microphone's level, also while it is muted: the meter listens to a copy of the track.
 *
 * @param {LocalMedia} local
 * @param {AbortSignal} signal
 */
function levelBars(local, signal) {
    const bars = Array.from({ length: meterBars }, () => h("span", { class: "level-bar" }));
    const element = h("div", {
        class: "level", role: "meter", "aria-label": tr("device.level"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0,
    }, ...bars);
    /** @type {MediaStreamTrack | null} */
    let original = null;
    /** @type {MediaStreamTrack | null} */
    let copy = null;
    /** @type {LevelMeter | null} */
    let meter = null;
    const listen = (/** @type {MediaStreamTrack | null} */ track) => {
        meter?.close();
        copy?.stop();
        original = track;
        copy = track?.clone() ?? null;
        if (copy) copy.enabled = true;
        meter = copy ? new LevelMeter(copy) : null;
    };
    const show = () => {
        if (local.track("microphone") !== original) listen(local.track("microphone"));
        const loudness = meter?.loudness ?? 0;
        element.setAttribute("aria-valuenow", String(Math.round(loudness * 100)));
        for (const [index, bar] of bars.entries()) bar.classList.toggle("level-on", loudness * meterBars > index + 0.5);
    };
    const timer = setInterval(show, meterPeriod);
    signal.addEventListener("abort", () => {
        clearInterval(timer);
        listen(null);
    }, { once: true });
    return element;
}
