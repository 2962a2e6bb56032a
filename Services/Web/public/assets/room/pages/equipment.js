// @ts-check
import { preferences } from "../../lib/preferences.js";

/**
 * Devices and switches as they were at the last meeting in a room.
 *
 * @typedef {{ devices: { microphone: string, camera: string, speaker: string }, microphone: boolean, camera: boolean }} Equipment
 */

/**
 * @param {string} alias
 * @returns {Equipment} At the first time: the system's devices, everything on.
 */
export function loadEquipment(alias) {
    const saved = preferences.room(alias);
    const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
    return {
        devices: {
            microphone: text(saved["microphoneDevice"]), camera: text(saved["cameraDevice"]), speaker: text(saved["speakerDevice"]),
        },
        microphone: saved["microphone"] !== false,
        camera: saved["camera"] !== false,
    };
}

/**
 * @param {string} alias
 * @param {import("../media/local-media.js").LocalMedia} local
 */
export function saveEquipment(alias, local) {
    // What is wanted and not what is on: a device that is not there yet, or not today, may be there next time.
    const { microphone, camera } = local.wanted;
    preferences.saveRoom(alias, {
        ...preferences.room(alias),
        microphoneDevice: local.chosen("microphone"), cameraDevice: local.chosen("camera"), speakerDevice: local.chosen("speaker"),
        microphone, camera,
    });
}
