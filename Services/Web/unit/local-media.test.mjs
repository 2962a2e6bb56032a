import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";

import { LocalMedia } from "../public/assets/room/media/local-media.js";

class Track {
    enabled = true;
    stopped = false;
    onended = null;

    constructor(kind) {
        this.kind = kind;
    }

    stop() {
        this.stopped = true;
    }

    getSettings() {
        return { deviceId: `${this.kind}-1` };
    }
}

/** A browser whose person answers when the test says so. */
class Devices extends EventTarget {
    questions = [];
    given = [];

    enumerateDevices() {
        return Promise.resolve([]);
    }

    getUserMedia({ audio, video }) {
        return new Promise((resolve, reject) => this.questions.push({
            allow: () => {
                const tracks = [audio && new Track("audio"), video && new Track("video")].filter(Boolean);
                this.given.push(...tracks);
                const only = (kind) => tracks.filter((track) => track.kind === kind);
                resolve({ getTracks: () => tracks, getAudioTracks: () => only("audio"), getVideoTracks: () => only("video") });
            },
            deny: () => reject(new DOMException("no", "NotAllowedError")),
        }));
    }

    get live() {
        return this.given.filter(({ stopped }) => !stopped).map(({ kind }) => kind);
    }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("LocalMedia", () => {
    let devices;
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");

    beforeEach(() => {
        devices = new Devices();
        Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: devices }, configurable: true });
    });

    afterEach(() => {
        if (before) Object.defineProperty(globalThis, "navigator", before);
        else delete globalThis.navigator;
    });

    test("both devices are asked for with one question", async () => {
        const local = new LocalMedia();
        const prepared = local.prepare({ microphone: true, camera: true });
        devices.questions[0].allow();
        await prepared;
        assert.equal(devices.questions.length, 1);
        assert.deepEqual(local.state, { microphone: true, camera: true, screen: false });
    });

    test("devices that the browser gives after the page was left are closed at once", async () => {
        const local = new LocalMedia();
        void local.prepare({ microphone: true, camera: true });
        local.close();
        devices.questions[0].allow();
        await settle();
        assert.equal(devices.given.length, 2);
        assert.deepEqual(devices.live, []);
    });

    test("nothing more is asked after the page was left", async () => {
        const local = new LocalMedia();
        const prepared = local.prepare({ microphone: true, camera: true });
        local.close();
        devices.questions[0].deny();
        await prepared;
        assert.equal(devices.questions.length, 1);
        await local.choose("camera", "video-2");
        assert.equal(devices.questions.length, 1);
    });

    test("a camera that was switched off while the browser asked stays off", async () => {
        const local = new LocalMedia();
        const prepared = local.prepare({ microphone: true, camera: true });
        await local.setCamera(false);
        devices.questions[0].allow();
        await prepared;
        assert.deepEqual(devices.live, ["audio"]);
        assert.deepEqual(local.state, { microphone: true, camera: false, screen: false });
    });

    test("what is wanted is known before the devices are there, and when they never come", async () => {
        const local = new LocalMedia();
        const prepared = local.prepare({ microphone: true, camera: true });
        assert.deepEqual(local.wanted, { microphone: true, camera: true });
        for (let question = 0; question < 3; question += 1) {
            devices.questions[question].deny();
            await settle();
        }
        await prepared;
        assert.equal(local.problem("camera"), "denied");
        assert.deepEqual(local.state, { microphone: false, camera: false, screen: false });
        assert.deepEqual(local.wanted, { microphone: true, camera: true });
    });

    test("an unplugged camera is replaced, or is off with the reason", async () => {
        const local = new LocalMedia();
        const told = [];
        local.addEventListener("source", ({ source, replaced }) => told.push([source, replaced, local.isOn("camera")]));
        const on = local.setCamera(true);
        devices.questions[0].allow();
        await on;
        devices.given[0].onended();
        devices.questions[1].allow();
        await settle();
        devices.given[1].onended();
        devices.questions[2].deny();
        await settle();
        assert.deepEqual(told, [["camera", false, true], ["camera", true, true], ["camera", false, false]]);
        assert.equal(local.problem("camera"), "denied");
    });
});
