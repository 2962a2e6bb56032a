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
    const { microphone, camera } = local.state;
    preferences.saveRoom(alias, {
        ...preferences.room(alias),
        microphoneDevice: local.chosen("microphone"), cameraDevice: local.chosen("camera"), speakerDevice: local.chosen("speaker"),
        // What could not be switched on may work next time.
        microphone: microphone || local.problem("microphone") !== null,
        camera: camera || local.problem("camera") !== null,
    });
}
