import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, resumed, settle, welcome } from "./fake-socket.mjs";

Object.assign(globalThis, { window: new EventTarget(), document: Object.assign(new EventTarget(), { hidden: false }), WebSocket: FakeSocket });
const { RoomSession } = await import("../public/assets/room/model/room-session.js");

/** Devices that answer when the test says so. */
class Local extends EventTarget {
    state = { microphone: false, camera: false, screen: false };
    ready = () => {};

    async setMicrophone(on) {
        this.set({ microphone: on });
    }

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

const me = (state, id = "p1") => ({ id, name: "Ada", state });
const said = (type) => FakeSocket.last.sent.filter((message) => message.type === type);
const updates = () => said("participant.update");
/** What was told, without the frame around it. */
const told = () => updates().map(({ type, id, ...changes }) => changes);
const refuse = ({ id }) => FakeSocket.last.say({ re: id, error: { code: "too_many_requests", message: "Slowly." } });
const agree = ({ id }, ok = {}) => FakeSocket.last.say({ re: id, ok });

/** A session whose socket is open and has said its first message. */
async function arrive(t, token = null) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const local = new Local();
    const saved = [];
    const places = [];
    const session = new RoomSession({
        url: "wss://parley.test/socket", store: { save: (seat) => saved.push(seat), savePlace: (place) => places.push(place), clear() {} }, name: "Ada", room: "r", local,
        outlets: { clear() {} }, hello: async () => ({ ticket: "t" }), isPassing: () => false,
        seat: token === null ? null : { token, room: "r", name: "Ada", since: 1000 },
    });
    const media = [];
    session.media = {
        goOn: ({ resumed: inSeat }) => media.push(inSeat ? "goes on" : "begins"), pause: () => media.push("pauses"), close: () => media.push("close"),
        setTrack: async () => {},
    };
    const seen = [];
    for (const type of ["entered", "waiting", "ended"]) session.addEventListener(type, () => seen.push(type));
    session.open();
    await settle();
    FakeSocket.last.open();
    return { session, local, saved, places, media, seen };
}

async function enter(t, state, token = null) {
    const arrived = await arrive(t, token);
    FakeSocket.last.say(welcome({ participants: [me(state)], resumed: token !== null }));
    return arrived;
}

/** The socket breaks, and another one is opened. */
async function interrupt(t) {
    FakeSocket.last.drop(1006);
    t.mock.timers.tick(6000);
    await settle();
    return FakeSocket.last.open();
}

describe("RoomSession", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("what the others were not told is told again", async (t) => {
        const { local } = await enter(t, {});
        local.set({ microphone: true });
        refuse(updates()[0]);
        await settle();
        assert.equal(updates().length, 1);
        t.mock.timers.tick(1000);
        assert.deepEqual(told(), [{ microphone: true }, { microphone: true }]);
    });

    test("nothing is told after the end", async (t) => {
        const { session, local } = await enter(t, {});
        local.set({ microphone: true });
        refuse(updates()[0]);
        await settle();
        const socket = FakeSocket.last;
        socket.say({ type: "session.ended", reason: "removed" });
        t.mock.timers.tick(60_000);
        local.set({ microphone: false });
        assert.equal(session.connection.state, "closed");
        assert.equal(socket.sent.filter(({ type }) => type === "participant.update").length, 1);
    });

    test("after a reload nothing is said of devices that are on their way", async (t) => {
        const { local, session } = await enter(t, { microphone: true, camera: true, screen: true }, "token");
        assert.deepEqual(updates(), []);
        local.ready();
        await settle();
        assert.deepEqual(told(), [{ screen: false }]);
        assert.equal(session.since, 1000);
    });

    test("when the browser asks for permission anew, the others learn that the devices are off", async (t) => {
        const { local } = await enter(t, { microphone: true, camera: true }, "token");
        t.mock.timers.tick(4000);
        assert.deepEqual(told(), [{ microphone: false, camera: false }]);
        local.ready();
        await settle();
        assert.deepEqual(updates().at(-1).camera, true);
    });

    test("in the same seat everything stays: people, chat, media, and the token for a reload is the new one", async (t) => {
        const { session, saved, media, seen } = await enter(t, {});
        FakeSocket.last.say({ seq: 8, type: "joined", participants: [{ id: "p2", name: "Bob" }] });
        FakeSocket.last.say({ seq: 9, type: "chat", from: "p2", text: "Hi" });
        (await interrupt(t)).say(resumed({ seq: 11, resumeToken: "newer" }));
        FakeSocket.last.say({ seq: 10, type: "left", id: "p2", reason: "left" }).say({ seq: 11, type: "chat", from: "p1", text: "Bye" });
        assert.deepEqual(media, ["begins", "goes on"]);
        assert.deepEqual(seen, ["entered"]);
        assert.deepEqual(saved.map(({ token }) => token), ["secret", "newer"]);
        assert.deepEqual(session.meeting.participants.map(({ id }) => id), ["p1"]);
        assert.deepEqual(session.meeting.chat.map(({ name, text }) => [name, text]), [["Bob", "Hi"], ["Ada", "Bye"]]);
    });

    test("what changed while away is told, and what the server knows is not", async (t) => {
        const { local } = await enter(t, {});
        local.set({ microphone: true, camera: true });
        agree(updates()[0]);
        await settle();
        const socket = await interrupt(t);
        local.set({ camera: false });
        socket.say(resumed());
        assert.deepEqual(told(), [{ camera: false }]);
    });

    test("a change whose answer was lost is told again, also when it was taken back", async (t) => {
        const { local } = await enter(t, {});
        local.set({ microphone: true });
        assert.equal(updates().length, 1);
        const back = interrupt(t);
        local.set({ microphone: false });
        (await back).say(resumed());
        assert.deepEqual(told(), [{ microphone: false }]);
    });

    test("a hand that was raised while away is raised", async (t) => {
        const { session } = await enter(t, {});
        const socket = await interrupt(t);
        session.setHand(true);
        assert.equal(session.hand, true);
        socket.say(resumed());
        assert.deepEqual(told(), [{ hand: true }]);
        agree(updates()[0]);
        await settle();
        assert.equal(session.hand, true);
        FakeSocket.last.say({ seq: 8, type: "updated", participant: me({ handRaisedAt: "2025-01-01T10:00:00.000Z" }) });
        // Somebody else lowers it.
        FakeSocket.last.say({ seq: 9, type: "updated", participant: me({}) });
        assert.equal(session.hand, false);
        assert.equal(updates().length, 1);
    });

    test("in another seat the hand is up again, media begin anew, and the time goes on", async (t) => {
        const { session, media, seen } = await enter(t, { handRaisedAt: "2025-01-01T10:00:00.000Z" });
        const { since } = session;
        (await interrupt(t)).say({ type: "refused", code: "gone", message: "Gone." });
        t.mock.timers.tick(6000);
        await settle();
        FakeSocket.last.open().say(welcome({ participant: "p9", participants: [me({}, "p9")], epoch: "e1", seq: 20 }));
        assert.deepEqual(told(), [{ hand: true }]);
        assert.deepEqual([media, seen, session.since], [["begins", "begins"], ["entered"], since]);
    });

    test("chat that was cut off is sent again under its key, and comes back once", async (t) => {
        const { session } = await enter(t, {});
        session.outbox.send("hello");
        const [{ key }] = said("chat.send");
        (await interrupt(t)).say(resumed({ seq: 8 }));
        FakeSocket.last.say({ seq: 8, type: "chat", from: "p1", text: "hello" });
        const [again] = said("chat.send");
        assert.equal(again.key, key);
        agree(again, { seq: 8 });
        await settle();
        assert.deepEqual([session.outbox.outgoing, session.meeting.chat.length], [[], 1]);
    });

    test("going over to another process sends again what had no answer", async (t) => {
        const { session, local, media } = await enter(t, {});
        const old = FakeSocket.last.say({ type: "session.drain", delay: 0 });
        session.outbox.send("hello");
        local.set({ microphone: true });
        t.mock.timers.tick(2001);
        for (let step = 0; step < 50; step += 1) t.mock.timers.tick(50);
        await settle();
        assert.notEqual(FakeSocket.last, old);
        FakeSocket.last.open().say(resumed());
        await settle();
        t.mock.timers.tick(1000);
        assert.equal(said("chat.send").length, 1);
        assert.deepEqual(told(), [{ microphone: true }]);
        assert.deepEqual(media, ["begins", "goes on"]);
    });

    test("who waits in the lobby is told why, and what a reload needs is kept", async (t) => {
        const { session, places, seen } = await arrive(t);
        FakeSocket.last.say({ type: "waiting", reason: "lobby" }).say({ type: "waiting", reason: "moderator" });
        assert.deepEqual(session.waiting, { type: "waiting", reason: "moderator" });
        assert.deepEqual([places.at(-1).pass.ticket, places.at(-1).pass.uses, places.at(-1).room], ["t", 1, "r"]);
        FakeSocket.last.say(welcome({ participants: [me({})] }));
        assert.deepEqual([session.waiting, seen], [null, ["waiting", "waiting", "entered"]]);
    });

    test("who comes into a room that mutes at entry is muted, and may speak afterwards", async (t) => {
        const { local } = await arrive(t);
        local.state.microphone = true;
        const options = { muteOnJoining: true, chat: "everyone", screenSharing: "everyone" };
        FakeSocket.last.say(welcome({ participants: [me({})], policy: { options } }));
        assert.deepEqual([local.state.microphone, told()], [false, []]);
        local.set({ microphone: true });
        assert.deepEqual(told(), [{ microphone: true }]);
        (await interrupt(t)).say(welcome({ participants: [me({ microphone: true })], policy: { options }, resumed: true }));
        assert.equal(local.state.microphone, true);
    });

    test("only moderators see who waits, and their answers are requests", async (t) => {
        const { session } = await enter(t, {});
        const people = [{ id: "p7", name: "Gina", guest: true, colleague: false, since: "2025-01-01T10:00:00.000Z" }];
        FakeSocket.last.say({ type: "lobby", people });
        assert.deepEqual(session.meeting.lobby, []);
        FakeSocket.last.say({ seq: 8, type: "updated", participant: { ...me({}), role: "moderator" } });
        assert.deepEqual(session.meeting.lobby, people);
        session.admit(["p7"]).catch(() => {});
        session.admit().catch(() => {});
        session.deny("p7").catch(() => {});
        session.setLocked(true).catch(() => {});
        const [one, all] = said("lobby.admit");
        assert.deepEqual([one.participants, all.participants], [["p7"], undefined]);
        assert.deepEqual([said("lobby.deny")[0].participant, said("room.lock")[0].locked], ["p7", true]);
    });

    test("what holds in the room is known from the welcome and from events", async (t) => {
        const { session } = await enter(t, {});
        const policy = { options: { chat: "moderators", screenSharing: "moderators", muteOnJoining: false } };
        assert.deepEqual([session.meeting.locked, session.meeting.mayChat, session.meeting.mayShareScreen], [false, true, true]);
        FakeSocket.last.say({ seq: 8, type: "room", policy, locked: true });
        assert.deepEqual([session.meeting.locked, session.meeting.mayChat, session.meeting.mayShareScreen], [true, false, false]);
        FakeSocket.last.say({ seq: 9, type: "updated", participant: { ...me({}), role: "moderator" } });
        assert.deepEqual([session.meeting.mayChat, session.meeting.mayShareScreen], [true, true]);
    });

    test("who stands in line is told the position, and enters", async (t) => {
        const { session, media, seen } = await arrive(t);
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 3 });
        assert.equal(session.position, 3);
        FakeSocket.last.say(welcome({ participants: [me({})] }));
        assert.deepEqual([seen, session.position], [["waiting", "entered"], 0]);
        assert.deepEqual(media, ["begins"]);
    });

    test("who lost the seat and stood in line enters again, and media stop meanwhile", async (t) => {
        const { session, media, seen } = await enter(t, {});
        (await interrupt(t)).say({ type: "refused", code: "gone", message: "Gone." });
        t.mock.timers.tick(6000);
        await settle();
        FakeSocket.last.open().say({ type: "waiting", reason: "full", position: 2 }).say({ type: "waiting", reason: "full", position: 1 });
        assert.deepEqual(media, ["begins", "pauses"]);
        FakeSocket.last.say(welcome({ participants: [me({})] }));
        assert.deepEqual([seen, session.position], [["entered", "waiting", "waiting", "entered"], 0]);
        assert.deepEqual(media, ["begins", "pauses", "begins"]);
    });
});
