import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, welcome } from "./fake-socket.mjs";

Object.assign(globalThis, { window: new EventTarget(), document: Object.assign(new EventTarget(), { hidden: false }), WebSocket: FakeSocket });
const { RoomSession } = await import("../public/assets/room/model/room-session.js");

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Devices that answer when the test says so. */
class Local extends EventTarget {
    state = { microphone: false, camera: false, screen: false };
    ready = () => {};

    track() {
        return null;
    }

    prepare({ microphone, camera }) {
        return new Promise((resolve) => {
            this.ready = () => {
                this.set({ microphone, camera });
                resolve();
            };
        });
    }

    set(changes) {
        Object.assign(this.state, changes);
        this.dispatchEvent(Object.assign(new Event("source"), { source: "microphone" }));
    }
}

const me = (state) => ({ id: "p1", name: "Ada", role: "participant", guest: true, joinedAt: "", connected: true, publishing: false, state });
const updates = () => FakeSocket.last.sent.filter(({ type }) => type === "participant.update");

async function enter(t, state, resumeToken = null) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const local = new Local();
    const session = new RoomSession({
        url: "wss://parley.test/socket", store: { save() {}, clear() {} }, name: "Ada", room: "r", local, outlets: { clear() {} },
        hello: async () => ({ ticket: "t" }), resumeToken, isPassing: () => false,
    });
    session.media = { welcomed() {}, close() {}, setTrack: async () => {} };
    session.open();
    await settle();
    FakeSocket.last.open().say(welcome({ participants: [me(state)], resumed: resumeToken !== null }));
    return { session, local };
}

describe("RoomSession", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("what the others were not told is told again", async (t) => {
        const { local } = await enter(t, { microphone: false, camera: false, screen: false });
        local.set({ microphone: true });
        const [first] = updates();
        FakeSocket.last.say({ re: first.id, error: { code: "too_many_requests", message: "Slowly." } });
        await settle();
        assert.equal(updates().length, 1);
        t.mock.timers.tick(1000);
        assert.deepEqual(updates().map(({ microphone }) => microphone), [true, true]);
    });

    test("nothing is told after the end", async (t) => {
        const { session, local } = await enter(t, { microphone: false, camera: false, screen: false });
        local.set({ microphone: true });
        FakeSocket.last.say({ re: updates()[0].id, error: { code: "too_many_requests", message: "Slowly." } });
        await settle();
        const socket = FakeSocket.last;
        socket.say({ type: "session.ended", reason: "removed" });
        t.mock.timers.tick(60_000);
        local.set({ microphone: false });
        assert.equal(session.connection.state, "closed");
        assert.equal(socket.sent.filter(({ type }) => type === "participant.update").length, 1);
    });

    test("after a reload nothing is said of devices that are on their way", async (t) => {
        const { local } = await enter(t, { microphone: true, camera: true, screen: true }, "token");
        assert.deepEqual(updates(), []);
        local.ready();
        await settle();
        assert.deepEqual(updates().map(({ type, id, ...changes }) => changes), [{ screen: false }]);
    });

    test("when the browser asks for permission anew, the others learn that the devices are off", async (t) => {
        const { local } = await enter(t, { microphone: true, camera: true, screen: false }, "token");
        t.mock.timers.tick(4000);
        assert.deepEqual(updates().map(({ type, id, ...changes }) => changes), [{ microphone: false, camera: false }]);
        local.ready();
        await settle();
        assert.deepEqual(updates().at(-1).camera, true);
    });
});
