// @ts-check
import { DeviceError, listDevices, openBoth, openDevice, openScreen } from "./devices.js";

/**
 * @typedef {import("./devices.js").DeviceKind} DeviceKind
 * @typedef {import("./devices.js").DeviceProblem} DeviceProblem
 * @typedef {import("./devices.js").DeviceList} DeviceList
 * @typedef {"microphone" | "camera" | "screen"} Source
 */

/** A source was switched on or off, or comes from another device. */
export class SourceEvent extends Event {
    /**
     * @param {Source} source
     * @param {boolean} replaced Whether the device of before is gone and another one took its place.
     */
    constructor(source, replaced) {
        super("source");
        this.source = source;
        this.replaced = replaced;
    }
}

/** The devices that there are, the chosen ones, or what is wrong with them has changed. */
export class DevicesEvent extends Event {
    constructor() {
        super("devices");
    }
}

/**
 * One's own microphone, camera and screen: what is on, and where it comes from. It never throws because a device is
 * missing; `problem` says why something stays off.
 */
export class LocalMedia extends EventTarget {
    /** @type {Record<Source, MediaStreamTrack | null>} */
    #tracks = { microphone: null, camera: null, screen: null };
    /** Silent is not closed: the microphone stays open, so that unmuting takes no time. */
    #unmuted = false;
    #cameraWanted = false;
    /** @type {Record<DeviceKind, string>} */
    #chosen = { microphone: "", camera: "", speaker: "" };
    /** @type {Record<"microphone" | "camera" | "screen", DeviceProblem | null>} */
    #problems = { microphone: null, camera: null, screen: null };
    /** @type {DeviceList} */
    #devices = { microphone: [], camera: [], speaker: [] };
    /** Counts what was asked of each source, so that a late device of an older wish is closed again. */
    #wishes = { microphone: 0, camera: 0, screen: 0 };
    #listeners = new AbortController();

    constructor() {
        super();
        navigator.mediaDevices?.addEventListener?.("devicechange", () => void this.refresh(), {
            signal: this.#listeners.signal,
        });
    }

    get devices() {
        return this.#devices;
    }

    /** @param {DeviceKind} kind */
    chosen(kind) {
        return this.#chosen[kind];
    }

    /** @param {Source} source */
    problem(source) {
        return this.#problems[source];
    }

    /** @param {Source} source */
    track(source) {
        return this.#tracks[source];
    }

    /** @param {Source} source */
    isOn(source) {
        return this.#tracks[source] !== null && (source !== "microphone" || this.#unmuted);
    }

    /** What the person wants to be on, whether or not a device is there (yet). */
    get wanted() {
        return { microphone: this.#unmuted, camera: this.#cameraWanted };
    }

    /** What the others are told. */
    get state() {
        return { microphone: this.isOn("microphone"), camera: this.isOn("camera"), screen: this.isOn("screen") };
    }

    /**
     * Devices that were used before.
     *
     * @param {Partial<Record<DeviceKind, string>>} devices
     */
    prefer(devices) {
        this.#chosen = { ...this.#chosen, ...devices };
    }

    /** @param {boolean} on @returns {Promise<boolean>} Whether it is on now. */
    async setMicrophone(on) {
        this.#unmuted = on;
        if (on && !this.#tracks.microphone) await this.#open("microphone");
        this.#mute();
        this.#tell("microphone");
        return this.isOn("microphone");
    }

    /**
     * At the entrance: opens what is wanted, and the microphone in any case, for its level meter.
     *
     * @param {{ microphone: boolean, camera: boolean }} wanted
     */
    async prepare({ microphone, camera }) {
        this.#unmuted = microphone;
        this.#cameraWanted = camera;
        if (!camera || !(await this.#openBoth())) {
            await this.#open("microphone");
            // While the browser asked, the person may have switched it off again.
            if (this.#cameraWanted && !this.#tracks.camera) await this.#open("camera");
        }
        this.#tell("microphone");
        this.#tell("camera");
    }

    /** @param {boolean} on @returns {Promise<boolean>} Whether it is on now. */
    async setCamera(on) {
        this.#cameraWanted = on;
        if (on && !this.#tracks.camera) await this.#open("camera");
        else if (!on) this.#close("camera");
        this.#tell("camera");
        return this.isOn("camera");
    }

    /** @param {boolean} on @returns {Promise<boolean>} Whether it is on now. */
    async setScreen(on) {
        if (on && !this.#tracks.screen) await this.#openScreen();
        else if (!on) this.#close("screen");
        this.#tell("screen");
        return this.isOn("screen");
    }

    /**
     * Takes another device, at once when it is in use.
     *
     * @param {DeviceKind} kind
     * @param {string} id
     */
    async choose(kind, id) {
        this.#chosen[kind] = id;
        if (kind !== "speaker" && (this.#tracks[kind] || this.#problems[kind])) {
            await this.#open(kind);
            this.#tell(kind);
        }
        this.dispatchEvent(new DevicesEvent());
    }

    /** Looks again which devices there are. */
    async refresh() {
        this.#devices = await listDevices().catch(() => this.#devices);
        this.dispatchEvent(new DevicesEvent());
    }

    /** Closes all devices. */
    close() {
        this.#listeners.abort();
        this.#close("microphone");
        this.#close("camera");
        this.#close("screen");
    }

    /**
     * What is not wanted any more when the browser at last gives it is closed at once.
     *
     * @returns {Promise<boolean>} Whether the browser gave both.
     */
    async #openBoth() {
        const wishes = { microphone: ++this.#wishes.microphone, camera: ++this.#wishes.camera };
        const both = await openBoth(this.#chosen);
        if (!both) return false;
        for (const source of /** @type {const} */ (["microphone", "camera"])) {
            if (wishes[source] === this.#wishes[source]) this.#taken(source, both[source]);
            else both[source].stop();
        }
        await this.refresh();
        return true;
    }

    /** @param {"microphone" | "camera"} source */
    async #open(source) {
        if (this.#listeners.signal.aborted) return;
        const wish = ++this.#wishes[source];
        try {
            const track = await openDevice(source, this.#chosen[source]);
            if (wish !== this.#wishes[source]) return track.stop();
            this.#taken(source, track);
        } catch (error) {
            if (wish !== this.#wishes[source]) return;
            this.#problems[source] = error instanceof DeviceError ? error.problem : "other";
        }
        await this.refresh();
    }

    /**
     * @param {"microphone" | "camera"} source
     * @param {MediaStreamTrack} track
     */
    #taken(source, track) {
        this.#take(source, track);
        this.#chosen[source] = track.getSettings().deviceId ?? this.#chosen[source];
        this.#mute();
    }

    #mute() {
        const track = this.#tracks.microphone;
        if (track) track.enabled = this.#unmuted;
    }

    async #openScreen() {
        const wish = ++this.#wishes.screen;
        this.#problems.screen = null;
        try {
            const track = await openScreen();
            if (track && wish !== this.#wishes.screen) track.stop();
            else if (track) this.#take("screen", track);
        } catch (error) {
            this.#problems.screen = error instanceof DeviceError ? error.problem : "other";
        }
    }

    /**
     * @param {Source} source
     * @param {MediaStreamTrack} track
     */
    #take(source, track) {
        this.#stop(source);
        this.#tracks[source] = track;
        this.#problems[source] = null;
        track.onended = () => void this.#lost(source);
    }

    /**
     * The device was unplugged, or sharing was stopped with the browser's own button.
     *
     * @param {Source} source
     */
    async #lost(source) {
        this.#close(source);
        if (source !== "screen") {
            this.#chosen[source] = "";
            await this.#open(source);
        }
        this.#tell(source, source !== "screen" && this.#tracks[source] !== null);
    }

    /** @param {Source} source */
    #close(source) {
        this.#wishes[source] += 1;
        this.#stop(source);
    }

    /** @param {Source} source */
    #stop(source) {
        const track = this.#tracks[source];
        this.#tracks[source] = null;
        if (!track) return;
        track.onended = null;
        track.stop();
    }

    /**
     * @param {Source} source
     * @param {boolean} [replaced]
     */
    #tell(source, replaced = false) {
        this.dispatchEvent(new SourceEvent(source, replaced));
    }
}
