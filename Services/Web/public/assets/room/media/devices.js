// @ts-check

/**
 * Why a device can't be used: the person or the system said no, there is none, another program has it, or this
 * browser can't (an insecure address, for instance).
 *
 * @typedef {"denied" | "missing" | "in_use" | "unsupported" | "other"} DeviceProblem
 * @typedef {"microphone" | "camera" | "speaker"} DeviceKind
 * @typedef {{ id: string, label: string }} Device
 * @typedef {Record<DeviceKind, Device[]>} DeviceList
 */

/** A device that can't be used, with the reason. */
export class DeviceError extends Error {
    /**
     * @param {DeviceProblem} problem
     * @param {unknown} [cause]
     */
    constructor(problem, cause) {
        super(`The device can't be used: ${problem}.`, { cause });
        this.name = "DeviceError";
        this.problem = problem;
    }
}

/** Below this many processor cores three layers of a larger picture would cost too much. */
const coresForLargePicture = 6;

/** @type {Record<MediaDeviceKind, DeviceKind>} */
const kinds = { audioinput: "microphone", videoinput: "camera", audiooutput: "speaker" };

/**
 * The devices that there are. Without a permission browsers keep labels to themselves.
 *
 * @returns {Promise<DeviceList>}
 */
export async function listDevices() {
    /** @type {DeviceList} */
    const list = { microphone: [], camera: [], speaker: [] };
    if (!navigator.mediaDevices?.enumerateDevices) return list;
    for (const { kind, deviceId, label } of await navigator.mediaDevices.enumerateDevices()) {
        if (deviceId) list[kinds[kind]].push({ id: deviceId, label });
    }
    return list;
}

/**
 * @param {"microphone" | "camera"} kind
 * @param {string} device Empty: the system's choice. One that is gone is replaced by the system's choice.
 * @returns {Promise<MediaStreamTrack>}
 * @throws {DeviceError}
 */
export async function openDevice(kind, device) {
    if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError("unsupported");
    try {
        return await capture(kind, device);
    } catch (error) {
        if (!device || problemOf(error) === "denied") throw new DeviceError(problemOf(error), error);
    }
    try {
        return await capture(kind, "");
    } catch (error) {
        throw new DeviceError(problemOf(error), error);
    }
}

/**
 * Both at once, so that the browser asks only once.
 *
 * @param {Record<"microphone" | "camera", string>} devices Empty: the system's choice.
 * @returns {Promise<Record<"microphone" | "camera", MediaStreamTrack> | null>} Null: try one after the other.
 */
export async function openBoth({ microphone, camera }) {
    if (!navigator.mediaDevices?.getUserMedia) return null;
    try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: sound(microphone), video: picture(camera) });
        const [audio] = stream.getAudioTracks();
        const [video] = stream.getVideoTracks();
        return audio && video ? { microphone: audio, camera: video } : null;
    } catch {
        return null;
    }
}

/** Whether this browser can share a screen; telephones can't. */
export function canShareScreen() {
    return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/**
 * Asks which screen, window or tab to share.
 *
 * @returns {Promise<MediaStreamTrack | null>} Null when the person changed their mind.
 * @throws {DeviceError}
 */
export async function openScreen() {
    try {
        const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } } });
        const [track] = stream.getVideoTracks();
        if (!track) return null;
        track.contentHint = "detail";
        return track;
    } catch (error) {
        const problem = problemOf(error);
        if (problem === "denied") return null;
        throw new DeviceError(problem, error);
    }
}

/**
 * @param {"microphone" | "camera"} kind
 * @param {string} device
 */
async function capture(kind, device) {
    const constraints = kind === "microphone" ? { audio: sound(device) } : { video: picture(device) };
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (!track) throw new DeviceError("missing");
    return track;
}

/** @param {string} device @returns {MediaTrackConstraints} */
function sound(device) {
    return { ...chosen(device), echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

/** @param {string} device @returns {MediaTrackConstraints} */
function picture(device) {
    const large = (navigator.hardwareConcurrency ?? 4) >= coresForLargePicture;
    const [width, height] = large ? [1280, 720] : [960, 540];
    return {
        ...chosen(device), width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 24, max: 30 },
    };
}

/** @param {string} device @returns {MediaTrackConstraints} */
function chosen(device) {
    return device ? { deviceId: { exact: device } } : {};
}

/**
 * @param {unknown} error
 * @returns {DeviceProblem}
 */
function problemOf(error) {
    if (error instanceof DeviceError) return error.problem;
    const name = error instanceof Error || error instanceof DOMException ? error.name : "";
    switch (name) {
        case "NotAllowedError":
        case "SecurityError":
            return "denied";
        case "NotFoundError":
        case "OverconstrainedError":
            return "missing";
        case "NotReadableError":
        case "AbortError":
            return "in_use";
        case "TypeError":
            return "unsupported";
        default:
            return "other";
    }
}
