import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, resumed, settle, welcome } from "./fake-socket.mjs";
import { chat, inMeeting, nextAttempt } from "./start-connection.mjs";

/** In a meeting whose process is about to stop: the old socket, and the new one is the last. */
async function inMeetingThatMoves(t) {
    const meeting = await inMeeting(t);
    const old = FakeSocket.last.say({ type: "session.drain", delay: 1800 });
    t.mock.timers.tick(1799);
    await settle();
    assert.equal(FakeSocket.all.length, 1);
    t.mock.timers.tick(1);
    await settle();
    assert.equal(FakeSocket.all.length, 2);
    return { ...meeting, old };
}

/** The same, and the new socket is open. */
async function moving(t) {
    const meeting = await inMeetingThatMoves(t);
    return { ...meeting, next: FakeSocket.last.open() };
}

const superseded = { type: "session.ended", reason: "superseded" };

describe("Going over to another process", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("the old socket serves until the new one does, and nothing is seen of it", async (t) => {
        const { connection, seen, old, next } = await moving(t);
        assert.deepEqual(next.sent, [{ type: "resume", token: "secret", epoch: "e1", seq: 7 }]);
        old.say(chat(8));
        next.say(resumed({ seq: 9 })).say(chat(8)).say(chat(9));
        assert.deepEqual(seen.events, [8, 9]);
        assert.deepEqual(seen.states, ["connecting", "open"]);
        assert.deepEqual([seen.resumed, seen.endings, old.closed], [1, [], true]);
        void connection.request("chat.send", { text: "a" });
        assert.equal(next.sent.at(-1).type, "chat.send");
    });

    test("a snapshot does as well", async (t) => {
        const { seen, old, next } = await moving(t);
        next.say(welcome({ resumed: true, seq: 20 })).say(chat(21));
        assert.deepEqual([seen.events, seen.welcomes.length, seen.states.length, old.closed], [[21], 2, 2, true]);
    });

    test("who leaves on the way says so at both, because either may have the seat", async (t) => {
        const { connection, seen, old, next } = await moving(t);
        const left = connection.leave();
        await settle();
        assert.equal(next.sent.at(-1).type, "session.leave");
        assert.equal(old.sent.at(-1).type, "session.leave");
        old.say({ re: old.sent.at(-1).id, ok: {} });
        await left;
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "left" }]);
        assert.deepEqual([old.closed, next.closed], [true, true]);
    });

    for (const [how, end] of [["by a message", (socket) => socket.say(superseded)], ["by its close code", (socket) => socket.drop(4509)]]) {
        test(`that the old socket is superseded ends nothing (${how})`, async (t) => {
            const { seen, old, next } = await moving(t);
            end(old);
            assert.deepEqual([seen.endings, seen.states.at(-1)], [[], "open"]);
            next.say(resumed());
            assert.deepEqual([seen.endings, seen.states.at(-1)], [[], "open"]);
        });
    }

    test("when another tab has taken the seat, it is the end", async (t) => {
        const { seen, old, next } = await moving(t);
        old.say(superseded);
        next.say({ type: "refused", code: "gone", message: "Gone." });
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "superseded" }]);
    });

    const later = { type: "refused", code: "unavailable", message: "Later." };
    for (const [how, fail] of [["lost", (socket) => socket.drop(1006)], ["a refusal that passes", (socket) => socket.say(later)]]) {
        for (const [where, end] of [["message", (socket) => socket.say(superseded)], ["close code", (socket) => socket.drop(4509)]]) {
            test(`when the new socket took the seat and its answer was ${how}, it is taken up again (${where})`, async (t) => {
                const { seen, old, next } = await moving(t);
                fail(next);
                end(old);
                assert.deepEqual([seen.endings, seen.states.at(-1), old.closed], [[], "reconnecting", true]);
                const socket = (await nextAttempt(t)).open();
                assert.deepEqual(socket.sent, [{ type: "resume", token: "secret", epoch: "e1", seq: 7 }]);
                assert.equal(FakeSocket.all.length, 3);
                socket.say(resumed());
                assert.deepEqual([seen.endings, seen.states.at(-1)], [[], "open"]);
                socket.say(superseded);
                assert.deepEqual(seen.endings, [{ kind: "ended", reason: "superseded" }]);
            });
        }
    }

    test("when the answer was lost, but another tab has the seat, it is the end", async (t) => {
        const { seen, old, next } = await moving(t);
        next.drop(1006);
        old.say(superseded);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "superseded" }]);
    });

    test("when another tab has the seat, it is the end though the new socket is lost before it says so", async (t) => {
        const { seen, old, next } = await moving(t);
        old.say(superseded);
        next.drop(1006);
        (await nextAttempt(t)).open().say(later);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "superseded" }]);
    });

    test("the seat is taken up again by the attempt that is about to ask for it", async (t) => {
        const { seen, old, next } = await moving(t);
        next.drop(1006);
        const third = await nextAttempt(t);
        old.say(superseded);
        assert.deepEqual([seen.endings, third.closed], [[], false]);
        third.open().say(resumed());
        assert.deepEqual([seen.endings, seen.states.at(-1), FakeSocket.all.length], [[], "open", 3]);
    });

    test("a new socket that never asked has not taken the seat", async (t) => {
        const { seen, old } = await inMeetingThatMoves(t);
        FakeSocket.last.drop(1006);
        old.say(superseded);
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "superseded" }]);
    });

    test("a new socket that fails is tried again while the old one serves", async (t) => {
        const { seen, old, next } = await moving(t);
        next.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "unavailable", message: "Later.", retryAfter: 1 });
        old.say(chat(8));
        const third = (await nextAttempt(t)).open();
        assert.equal(FakeSocket.all.length, 4);
        assert.equal(third.sent[0].seq, 8);
        third.say(resumed({ seq: 8 }));
        assert.deepEqual([seen.events, seen.states], [[8], ["connecting", "open"]]);
    });

    test("after some attempts the old one is used until it is closed", async (t) => {
        const { seen, old } = await moving(t);
        for (let attempt = 0; attempt < 20; attempt += 1) {
            if (!FakeSocket.last.closed && FakeSocket.last !== old) FakeSocket.last.drop(1006);
            await nextAttempt(t);
            old.say({ re: 0 });
        }
        assert.equal(FakeSocket.all.length, 9);
        assert.equal(seen.states.at(-1), "open");
        old.drop(1012);
        assert.equal(seen.states.at(-1), "reconnecting");
        (await nextAttempt(t)).open().say(resumed());
        assert.equal(seen.states.at(-1), "open");
    });

    test("when the old socket is closed first, the new one is the way back", async (t) => {
        const { seen, old, next } = await moving(t);
        old.drop(1012);
        assert.equal(seen.states.at(-1), "reconnecting");
        next.say(resumed());
        assert.equal(seen.states.at(-1), "open");
        assert.equal(FakeSocket.all.length, 2);
    });

    test("when both are lost, coming back goes on as ever", async (t) => {
        const { seen, old, next } = await moving(t);
        old.drop(4509);
        next.drop(1006);
        assert.equal(seen.states.at(-1), "reconnecting");
        const socket = (await nextAttempt(t)).open();
        assert.equal(socket.sent[0].type, "resume");
        socket.say(resumed());
        assert.deepEqual([seen.states.at(-1), seen.endings], ["open", []]);
    });

    test("a process that is left for another reason is not gone over to twice", async (t) => {
        await inMeeting(t);
        FakeSocket.last.say({ type: "session.drain", delay: 60_000 });
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say(resumed());
        for (let second = 0; second < 120; second += 5) {
            t.mock.timers.tick(5000);
            FakeSocket.last.say({ re: 0 });
        }
        await settle();
        assert.equal(FakeSocket.all.length, 2);
    });

    test("answers that are on their way are waited for", async (t) => {
        const { connection } = await inMeeting(t);
        FakeSocket.last.say({ type: "session.drain", delay: 1000 });
        const answer = connection.request("media.publish", { sdp: "" });
        t.mock.timers.tick(1500);
        await settle();
        assert.equal(FakeSocket.all.length, 1);
        FakeSocket.last.say({ re: 1, ok: { sdp: "x" } });
        assert.deepEqual(await answer, { sdp: "x" });
        t.mock.timers.tick(50);
        await settle();
        assert.equal(FakeSocket.all.length, 2);
    });

    test("leaving while on the way leaves", async (t) => {
        const { connection, seen, old, next } = await moving(t);
        const left = connection.leave();
        old.say({ re: 1, ok: {} });
        await left;
        assert.deepEqual([seen.endings, next.closed], [[{ kind: "ended", reason: "left" }], true]);
    });
});
