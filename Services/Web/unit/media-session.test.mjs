import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { RequestError } from "../public/assets/room/protocol/requests.js";
import { settle } from "./fake-socket.mjs";

/** A browser's connection, in the hands of a test. */
class FakePeer {
    /** @type {FakePeer[]} */
    static all = [];

    connectionState = "new";
    localDescription = { sdp: "mine" };
    closed = false;

    constructor() {
        FakePeer.all.push(this);
    }

    static get open() {
        return FakePeer.all.filter(({ closed }) => !closed);
    }

    addTransceiver() {
        return { sender: { replaceTrack: async () => {} } };
    }

    async createOffer() {}
    async createAnswer() {}
    async setLocalDescription() {}
    async setRemoteDescription() {}

    become(state) {
        this.connectionState = state;
        this.onconnectionstatechange?.();
    }

    close() {
        this.closed = true;
    }
}

Object.assign(globalThis, { RTCPeerConnection: FakePeer, RTCRtpSender: { getCapabilities: () => null } });
const { MediaSession } = await import("../public/assets/room/media/media-session.js");

const offer = { type: "media.offer", sdp: "theirs", slots: [{ mid: "0", kind: "screen" }, { mid: "1", kind: "video" }] };
const ada = { participant: "a", source: "camera", layer: 1 };

/** Signaling that answers everything, or breaks. */
class Wire {
    state = "open";
    asked = [];
    /** Types without an answer. */
    silent = new Set();
    #waiting = [];

    request(type, body) {
        if (this.state !== "open") return Promise.reject(new RequestError("disconnected", ""));
        this.asked.push({ type, ...body });
        if (this.silent.has(type)) return new Promise((_, reject) => this.#waiting.push(reject));
        return Promise.resolve(type === "media.publish" ? { sdp: "answer" } : {});
    }

    break() {
        this.state = "reconnecting";
        for (const reject of this.#waiting.splice(0)) reject(new RequestError("disconnected", ""));
    }

    types() {
        return this.asked.splice(0).map(({ type }) => type);
    }

    retryNow() {}
}

/** How often all outlets were cleared. */
let cleared = 0;

/** Both connections are being built, or work. */
/** Goes on until Ada is to be seen. */
async function connect(t, media) {
    media.goOn({ iceServers: [], resumed: false });
    t.mock.timers.tick(0);
    await settle();
    media.handle(offer);
    await settle();
    media.want([ada]);
    t.mock.timers.tick(100);
    await settle();
}

async function begin(t, silent = []) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const wire = new Wire();
    wire.silent = new Set(silent);
    const media = new MediaSession({
        connection: wire, outlets: { clear: () => (cleared += 1), play() {} }, changed() {}, tracks: () => ({ microphone: null, camera: null, screen: null }),
    });
    await connect(t, media);
    return { wire, media };
}

async function comeBack(t, { wire, media }) {
    wire.break();
    await settle();
    t.mock.timers.tick(60_000);
    await settle();
    wire.types();
    wire.silent.clear();
    wire.state = "open";
    media.goOn({ iceServers: [], resumed: true });
    t.mock.timers.tick(0);
    await settle();
}

describe("MediaSession after an interruption", () => {
    beforeEach(() => {
        FakePeer.all = [];
    });

    test("what works is kept, and what is to be seen is asked for again", async (t) => {
        const session = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        await comeBack(t, session);
        assert.deepEqual(session.wire.asked, [{ type: "media.view", slots: [{ mid: "0" }, { mid: "1", ...ada }] }]);
        assert.equal(FakePeer.all.length, 2);
        assert.equal(FakePeer.open.length, 2);
    });

    test("what is to be seen since then counts", async (t) => {
        const session = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        session.wire.break();
        session.media.want([{ participant: "b", source: "camera", layer: 0 }]);
        await comeBack(t, session);
        assert.equal(session.wire.asked[0].slots[1].participant, "b");
    });

    test("an offer without an answer is made anew, and what the server has of it is taken back first", async (t) => {
        const session = await begin(t, ["media.publish"]);
        FakePeer.all.at(-1).become("connected");
        await comeBack(t, session);
        assert.deepEqual(session.wire.types(), ["media.view", "media.unpublish", "media.publish"]);
        assert.equal(FakePeer.open.length, 2);
    });

    for (const [what, type] of [["an offer that did not come", "media.subscribe"], ["an answer that may not have arrived", "media.answer"]]) {
        test(`${what} is asked for anew`, async (t) => {
            const session = await begin(t, [type]);
            FakePeer.all[0].become("connected");
            await comeBack(t, session);
            assert.deepEqual(session.wire.types(), ["media.subscribe"]);
            session.media.handle(offer);
            await settle();
            assert.deepEqual(session.wire.types(), ["media.answer"]);
            assert.equal(FakePeer.open.length, 2);
        });
    }

    test("one that is interrupted itself may recover for a short time", async (t) => {
        const session = await begin(t);
        const [sending, receiving] = FakePeer.all;
        for (const peer of FakePeer.all) peer.become("connected");
        sending.become("disconnected");
        receiving.become("disconnected");
        await comeBack(t, session);
        assert.equal(FakePeer.open.length, 2);
        receiving.become("connected");
        t.mock.timers.tick(4000);
        await settle();
        assert.deepEqual([sending.closed, receiving.closed], [false, false]);
        t.mock.timers.tick(1000);
        await settle();
        assert.deepEqual([sending.closed, receiving.closed], [true, false]);
    });

    test("one that failed meanwhile is built anew", async (t) => {
        const session = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        session.wire.break();
        FakePeer.all[1].become("failed");
        await comeBack(t, session);
        assert.deepEqual(session.wire.types(), ["media.subscribe"]);
    });

    test("while the socket is broken nothing is closed", async (t) => {
        const { wire } = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        wire.break();
        for (let second = 0; second < 120; second += 1) {
            t.mock.timers.tick(1000);
            await settle();
        }
        assert.equal(FakePeer.open.length, 2);
    });

    test("what the server has lost is built anew after the time that it says", async (t) => {
        const { wire, media } = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        wire.types();
        const [sending, receiving] = FakePeer.all;
        media.handle({ type: "media.lost", delay: 740 });
        sending.become("failed");
        t.mock.timers.tick(739);
        await settle();
        assert.deepEqual(wire.types(), []);
        assert.deepEqual([sending.closed, receiving.closed], [false, false]);
        t.mock.timers.tick(1);
        await settle();
        assert.deepEqual(wire.types(), ["media.unpublish", "media.subscribe", "media.publish"]);
        assert.deepEqual([sending.closed, receiving.closed], [true, true]);
    });

    test("what the server has lost is not kept after an interruption", async (t) => {
        const session = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        session.media.handle({ type: "media.lost", delay: 60_000 });
        await comeBack(t, session);
        assert.deepEqual(session.wire.types(), ["media.unpublish", "media.subscribe", "media.publish"]);
    });

    test("without a seat nothing goes on, until there is another one", async (t) => {
        const { wire, media } = await begin(t);
        for (const peer of FakePeer.all) peer.become("connected");
        wire.types();
        media.handle({ type: "media.lost", delay: 1000 });
        media.want([]);
        cleared = 0;
        media.pause();
        t.mock.timers.tick(60_000);
        await settle();
        assert.deepEqual([FakePeer.open.length, wire.types(), cleared > 0], [0, [], true]);
        await connect(t, media);
        assert.deepEqual(wire.types(), ["media.unpublish", "media.subscribe", "media.publish", "media.answer", "media.view"]);
        assert.equal(FakePeer.open.length, 2);
    });
});
