import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Connection } from "../public/assets/room/protocol/connection.js";
import { FakeSocket, welcome } from "./fake-socket.mjs";

/** Lets promises and timers of zero length run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function start(options = {}) {
    const seen = { states: [], welcomes: [], events: [], media: [], endings: [], tickets: 0 };
    const connection = new Connection({
        url: "wss://parley.test/socket",
        observer: {
            stateChanged: (state) => seen.states.push(state),
            welcomed: (message) => seen.welcomes.push(message),
            happened: (event) => seen.events.push(event.seq),
            media: (message) => seen.media.push(message.type),
            ended: (ending) => seen.endings.push(ending),
        },
        hello: async () => ({ ticket: `ticket-${++seen.tickets}`, state: { microphone: true } }),
        WebSocketClass: FakeSocket,
        random: () => 0,
        ...options,
    });
    connection.open();
    return { connection, seen };
}

/** Skips the waiting time before the next attempt. */
async function nextAttempt(t) {
    t.mock.timers.tick(6000);
    await settle();
    return FakeSocket.last;
}

async function inMeeting(t, options) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const meeting = start(options);
    await settle();
    FakeSocket.last.open().say(welcome());
    return meeting;
}

describe("Connection", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("somebody new says hello with a ticket and the state at entry", async () => {
        const { seen } = start();
        await settle();
        FakeSocket.last.open();
        assert.deepEqual(FakeSocket.last.sent, [{ type: "hello", ticket: "ticket-1", state: { microphone: true } }]);
        FakeSocket.last.say({ type: "refused", code: "room_full", message: "Full." });
        assert.equal(seen.endings[0].code, "room_full");
    });

    test("after a reload the seat of before is taken up again", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        const { connection } = start({ hello: null, resumeToken: "kept" });
        await settle();
        FakeSocket.last.open();
        assert.deepEqual(FakeSocket.last.sent, [{ type: "resume", token: "kept" }]);
        await connection.leave();
    });

    test("answers find their request, also when they come in another order", async (t) => {
        const { connection } = await inMeeting(t);
        const first = connection.request("chat.send", { text: "a" });
        const second = connection.request("media.publish", { sdp: "offer" });
        FakeSocket.last.say({ re: 2, ok: { sdp: "answer" } });
        FakeSocket.last.say({ re: 1, error: { code: "too_many_requests", message: "Slowly.", retryAfter: 3 } });
        assert.deepEqual(await second, { sdp: "answer" });
        await assert.rejects(first, { code: "too_many_requests", retryAfter: 3 });
    });

    test("a request without an answer fails in time, and one on a broken socket at once", async (t) => {
        const { connection } = await inMeeting(t);
        const late = assert.rejects(connection.request("chat.send", { text: "a" }, 3000), { code: "timeout" });
        t.mock.timers.tick(3000);
        await late;
        const cut = assert.rejects(connection.request("chat.send", { text: "b" }), { code: "disconnected" });
        FakeSocket.last.drop(1006);
        await cut;
        await assert.rejects(connection.request("chat.send", { text: "c" }), { code: "disconnected" });
    });

    for (const code of [1001, 1006, 1011, 4400, 4408, 4429, 4490, 4491]) {
        test(`close code ${code} comes back into the seat with the last known event`, async (t) => {
            const { seen } = await inMeeting(t);
            FakeSocket.last.say({ seq: 8, type: "participant.left", id: "x", reason: "left" });
            FakeSocket.last.drop(code);
            assert.equal(seen.states.at(-1), "reconnecting");
            const socket = await nextAttempt(t);
            socket.open();
            assert.deepEqual(socket.sent, [{ type: "resume", token: "secret", epoch: "e1", seq: 8 }]);
            socket.say(welcome({ resumed: true, seq: 9 }));
            assert.equal(seen.states.at(-1), "open");
            assert.deepEqual(seen.endings, []);
        });
    }

    for (const [code, reason] of [[1000, "left"], [4509, "superseded"], [4510, "removed"], [4511, "ended_by_moderator"]]) {
        test(`close code ${code} is the end`, async (t) => {
            const { seen } = await inMeeting(t);
            FakeSocket.last.drop(code);
            await nextAttempt(t);
            assert.equal(FakeSocket.all.length, 1);
            assert.deepEqual(seen.endings, [{ kind: "ended", reason }]);
        });
    }

    test("the reason that the server names counts more than the close code after it", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say({ type: "session.ended", reason: "room_deleted" });
        FakeSocket.last.drop(4511);
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "room_deleted" }]);
    });

    test("events are handed on once and in order", async (t) => {
        const { seen } = await inMeeting(t);
        for (const seq of [6, 7, 8, 8, 9]) FakeSocket.last.say({ seq, type: "chat.message", message: {} });
        assert.deepEqual(seen.events, [8, 9]);
    });

    test("a gap is filled from the log by coming back", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say({ seq: 10, type: "chat.message", message: {} });
        const socket = await nextAttempt(t);
        socket.open();
        assert.equal(socket.sent[0].seq, 7);
        socket.say(welcome({ seq: 7, resumed: true }));
        for (const seq of [8, 9, 10]) socket.say({ seq, type: "chat.message", message: {} });
        assert.deepEqual(seen.events, [8, 9, 10]);
    });

    test("after a resync nothing counts until the snapshot", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say({ type: "session.resync" });
        FakeSocket.last.say({ seq: 30, type: "chat.message", message: {} });
        FakeSocket.last.say(welcome({ seq: 30, epoch: "e2", resumed: true }));
        FakeSocket.last.say({ seq: 31, type: "chat.message", message: {} });
        assert.deepEqual(seen.events, [31]);
        assert.equal(seen.welcomes.length, 2);
    });

    test("a seat that is gone is replaced by a new one without a question", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        const socket = (await nextAttempt(t)).open();
        assert.deepEqual(socket.sent[0], { type: "hello", ticket: "ticket-2", state: { microphone: true } });
        assert.deepEqual(seen.endings, []);
    });

    test("after a reload a seat that is gone ends with that word", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        const { seen } = start({ hello: null, resumeToken: "kept" });
        await settle();
        FakeSocket.last.open().say({ type: "refused", code: "gone", message: "Gone." });
        assert.equal(seen.endings[0].code, "gone");
    });

    test("a refusal that passes is waited for as long as the server says", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        start();
        await settle();
        FakeSocket.last.open().say({ type: "refused", code: "rebuilding", message: "Soon.", retryAfter: 9 });
        await nextAttempt(t);
        assert.equal(FakeSocket.all.length, 1);
        assert.equal((await nextAttempt(t)).open().sent[0].ticket, "ticket-2");
    });

    test("a ticket that was refused is replaced, but not for ever", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        const { seen } = start();
        await settle();
        for (let attempt = 0; attempt < 3; attempt++) {
            FakeSocket.last.open().say({ type: "refused", code: "ticket_invalid", message: "Used." });
            await nextAttempt(t);
        }
        assert.equal(seen.tickets, 3);
        assert.equal(seen.endings[0].code, "ticket_invalid");
    });

    test("an error of the entrance ends, unless it passes by itself", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        let failures = 0;
        const { seen } = start({
            hello: async () => {
                throw ++failures === 1 ? "network" : "room_not_found";
            },
            isPassing: (error) => error === "network",
        });
        await settle();
        assert.deepEqual(seen.endings, []);
        await nextAttempt(t);
        assert.deepEqual(seen.endings, [{ kind: "failed", error: "room_not_found" }]);
    });

    test("a server that says nothing is left after a while", async (t) => {
        const { seen } = await inMeeting(t);
        t.mock.timers.tick(15_000);
        assert.equal(FakeSocket.last.sent.at(-1).type, "media.view");
        t.mock.timers.tick(6000);
        await settle();
        assert.equal(seen.states.at(-1), "reconnecting");
        assert.equal(FakeSocket.all[0].closed, true);
    });

    test("a socket that never says welcome is given up", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        start();
        await settle();
        FakeSocket.last.open();
        t.mock.timers.tick(15_000);
        await nextAttempt(t);
        assert.equal(FakeSocket.all.length, 2);
    });

    test("leaving gives the seat back and does not return", async (t) => {
        const { connection, seen } = await inMeeting(t);
        const left = connection.leave();
        assert.equal(FakeSocket.last.sent.at(-1).type, "session.leave");
        FakeSocket.last.say({ type: "session.ended", reason: "left" });
        FakeSocket.last.drop(1000);
        await left;
        await nextAttempt(t);
        assert.equal(FakeSocket.all.length, 1);
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "left" }]);
    });
});
