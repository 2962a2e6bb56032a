import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, resumed, settle, welcome } from "./fake-socket.mjs";
import { asking, chat, inMeeting, nextAttempt, start } from "./start-connection.mjs";

describe("Connection", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("somebody new says hello with a ticket, a key and the state at entry", async (t) => {
        const { seen } = await asking(t);
        const [{ key, ...hello }] = FakeSocket.last.sent;
        assert.deepEqual(hello, { type: "hello", ticket: "ticket-1", attempt: 1, state: { microphone: true }, wait: true });
        assert.match(key, /^[0-9a-f]{32}$/);
        FakeSocket.last.say({ type: "refused", code: "room_full", message: "Full." });
        assert.equal(seen.endings[0].code, "room_full");
    });

    test("after a reload the seat of before is taken up again", async (t) => {
        const { connection } = await asking(t, { hello: null, resumeToken: "kept" });
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

    for (const code of [1001, 1006, 1011, 1012, 4400, 4408, 4429, 4490, 4491]) {
        test(`close code ${code} comes back into the seat with the last known event`, async (t) => {
            const { seen } = await inMeeting(t);
            FakeSocket.last.say({ seq: 8, type: "left", id: "x", reason: "left" });
            FakeSocket.last.drop(code);
            assert.equal(seen.states.at(-1), "reconnecting");
            const socket = await nextAttempt(t);
            socket.open();
            assert.deepEqual(socket.sent, [{ type: "resume", token: "secret", epoch: "e1", seq: 8 }]);
            socket.say(resumed({ seq: 9 })).say(chat(9));
            assert.equal(seen.states.at(-1), "open");
            assert.deepEqual([seen.welcomes.length, seen.resumed, seen.events.at(-1)], [1, 1, 9]);
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
        for (const seq of [6, 7, 8, 8, 9]) FakeSocket.last.say(chat(seq));
        assert.deepEqual(seen.events, [8, 9]);
    });

    test("a gap is filled from the log by coming back", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say(chat(10));
        const socket = await nextAttempt(t);
        socket.open();
        assert.equal(socket.sent[0].seq, 7);
        socket.say(resumed({ seq: 10 }));
        for (const seq of [8, 9, 10]) socket.say(chat(seq));
        assert.deepEqual(seen.events, [8, 9, 10]);
    });

    test("after a resync nothing counts until the snapshot", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say({ type: "session.resync" });
        FakeSocket.last.say(chat(30));
        FakeSocket.last.say(welcome({ seq: 30, epoch: "e2", resumed: true }));
        FakeSocket.last.say(chat(31));
        assert.deepEqual(seen.events, [31]);
        assert.equal(seen.welcomes.length, 2);
    });

    test("a seat that is gone is replaced by a new one without a question", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        const socket = (await nextAttempt(t)).open();
        assert.equal(socket.sent[0].ticket, "ticket-2");
        assert.deepEqual(seen.endings, []);
    });

    test("after a reload a seat that is gone ends with that word", async (t) => {
        const { seen } = await asking(t, { hello: null, resumeToken: "kept" });
        FakeSocket.last.say({ type: "refused", code: "gone", message: "Gone." });
        assert.equal(seen.endings[0].code, "gone");
    });

    test("newcomers who are told of together cover several numbers, and known ones are left out", async (t) => {
        const { seen } = await inMeeting(t);
        const people = (...ids) => ids.map((id) => ({ id, name: id }));
        FakeSocket.last.say({ seq: 9, type: "joined", participants: people("a", "b") });
        FakeSocket.last.say({ seq: 11, type: "joined", participants: people("a", "b", "c", "d") });
        FakeSocket.last.say(chat(12));
        assert.deepEqual(seen.events, [9, 11, 12]);
        assert.deepEqual(seen.joined.map(({ id }) => id), ["a", "b", "c", "d"]);
        const [whole] = seen.joined;
        assert.deepEqual(whole, {
            id: "a", name: "a", role: "participant", guest: true, connected: true, publishing: false, publication: 0,
            state: { microphone: false, camera: false, screen: false },
        });
    });

    test("a gap that the log does not fill is filled by a snapshot", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say(chat(10));
        (await nextAttempt(t)).open().say(resumed({ seq: 10 })).say(chat(10));
        const socket = (await nextAttempt(t)).open();
        assert.deepEqual(socket.sent, [{ type: "resume", token: "secret-2" }]);
        socket.say(welcome({ seq: 10, resumed: true })).say(chat(11));
        assert.deepEqual(seen.events, [11]);
    });

    test("the end of the meeting is an event of the log", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.say({ seq: 8, type: "media.moved" });
        FakeSocket.last.say({ seq: 9, type: "meeting.ended", reason: "room_deleted" });
        assert.deepEqual(seen.events, [8, 9]);
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "room_deleted" }]);
    });

    test("two minutes without a server end nothing, and attempts are at most 5 s apart", async (t) => {
        const { seen } = await inMeeting(t, { random: () => 1 });
        FakeSocket.last.drop(1006);
        for (let second = 0; second < 120; second += 1) {
            t.mock.timers.tick(1000);
            await settle();
            // What the gateway says of a node that is away.
            FakeSocket.last.drop(1006);
        }
        assert.ok(FakeSocket.all.length > 120 / 7, `${FakeSocket.all.length} attempts`);
        assert.deepEqual([seen.endings, seen.states.at(-1)], [[], "reconnecting"]);
        (await nextAttempt(t)).open().say({ type: "refused", code: "unavailable", message: "Later.", retryAfter: 30 });
        (await nextAttempt(t)).open().say(resumed());
        assert.equal(seen.states.at(-1), "open");
        assert.equal(seen.tickets, 1);
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

    test("when the network is back, an attempt that hangs is replaced, and one that has asked is not", async (t) => {
        const { connection, seen } = await inMeeting(t);
        FakeSocket.last.drop(1006);
        const hangs = await nextAttempt(t);
        connection.retryNow();
        await settle();
        assert.deepEqual([FakeSocket.all.length, hangs.closed], [3, true]);
        FakeSocket.last.open();
        connection.retryNow();
        await settle();
        assert.deepEqual([FakeSocket.all.length, FakeSocket.last.closed], [3, false]);
        FakeSocket.last.say(resumed());
        assert.deepEqual([seen.states.at(-1), seen.endings], ["open", []]);
    });

    test("an attempt that is replaced while it fetches a ticket does not change the ticket", async (t) => {
        const tickets = [];
        const { connection } = await inMeeting(t, { hello: () => new Promise((resolve) => tickets.push(resolve)), resumeToken: "kept" });
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        await nextAttempt(t);
        connection.retryNow();
        assert.equal(tickets.length, 2);
        tickets[1]({ ticket: "second" });
        await settle();
        const [asked] = FakeSocket.last.open().sent;
        tickets[0]({ ticket: "first" });
        await settle();
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open();
        const [{ attempt, ...again }] = FakeSocket.last.sent;
        assert.deepEqual({ ...again, attempt: asked.attempt }, asked);
        assert.ok(attempt > asked.attempt);
    });

    test("a server that says nothing is left after a while", async (t) => {
        const { seen } = await inMeeting(t);
        t.mock.timers.tick(12_000);
        assert.equal(FakeSocket.last.sent.at(-1).type, "media.view");
        t.mock.timers.tick(4000);
        await settle();
        assert.equal(seen.states.at(-1), "reconnecting");
        assert.equal(FakeSocket.all[0].closed, true);
    });

    test("whom nobody answers asks other processes, several before the seat is lost", async (t) => {
        await inMeeting(t);
        const home = FakeSocket.last.url;
        const began = Date.now();
        t.mock.timers.tick(16_000);
        for (let number = 1; number <= 3; number += 1) {
            while (FakeSocket.all.length <= number) {
                t.mock.timers.tick(100);
                await settle();
            }
            assert.equal(FakeSocket.last.url, `${home}?n=${number}`);
            if (number < 3) FakeSocket.last.open();
        }
        assert.ok(Date.now() - began < 30_000);
        FakeSocket.last.open().say(resumed());
        FakeSocket.last.drop(1006);
        assert.equal((await nextAttempt(t)).url, home, "the others of the room are there");
    });

    for (const [what, end] of [
        ["a refusal", (socket) => socket.open().say({ type: "refused", code: "unavailable", message: "Later." })],
        ["close code 4490", (socket) => socket.open().drop(4490)],
    ]) {
        test(`after ${what} of a process that can't serve another one is asked`, async (t) => {
            await inMeeting(t);
            const home = FakeSocket.last.url;
            FakeSocket.last.drop(4491);
            const socket = await nextAttempt(t);
            assert.equal(socket.url, `${home}?n=1`);
            end(socket);
            assert.equal((await nextAttempt(t)).url, `${home}?n=2`);
        });
    }

    test("a detour that leads to no socket is not taken again", async (t) => {
        await inMeeting(t);
        const home = FakeSocket.last.url;
        FakeSocket.last.drop(4491);
        (await nextAttempt(t)).drop(1006);
        assert.equal((await nextAttempt(t)).url, `${home}?n=2`);
    });

    for (const code of ["rebuilding", "too_many_requests"]) {
        test(`while it lasts only a moment (${code}), the process of the room is waited for`, async (t) => {
            await inMeeting(t);
            const home = FakeSocket.last.url;
            FakeSocket.last.drop(1006);
            (await nextAttempt(t)).drop(1006);
            (await nextAttempt(t)).open().say({ type: "refused", code, message: "Later.", retryAfter: 1 });
            assert.equal((await nextAttempt(t)).url, home);
        });
    }

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
