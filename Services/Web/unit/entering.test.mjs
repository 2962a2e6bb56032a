import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, resumed, welcome } from "./fake-socket.mjs";
import { asking, chat, inMeeting, nextAttempt } from "./start-connection.mjs";

const hello = () => FakeSocket.last.sent[0];

describe("Entering", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("who waited before a reload says the same ticket and key again, as a later attempt", async (t) => {
        const { seen } = await asking(t, { pass: { ticket: "old", key: "k", uses: 2 } });
        const [first] = FakeSocket.last.sent;
        assert.deepEqual([first.ticket, first.key, first.attempt, seen.tickets], ["old", "k", 3, 0]);
        FakeSocket.last.say({ type: "waiting", reason: "locked" }).say({ type: "refused", code: "admission_denied", message: "No." });
        assert.deepEqual(seen.endings.map(({ code }) => code), ["admission_denied"]);
    });

    test("after a lost answer the same ticket and key lead to the same seat, as a later attempt", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), { ...first, attempt: 2 });
        assert.equal(seen.tickets, 1);
    });

    test("a refusal that passes is waited for as long as the server says, with the same ticket and key", async (t) => {
        await asking(t);
        const first = hello();
        FakeSocket.last.say({ type: "refused", code: "rebuilding", message: "Soon.", retryAfter: 9 });
        await nextAttempt(t);
        assert.equal(FakeSocket.all.length, 1);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), { ...first, attempt: 2 });
    });

    test("a ticket that became too old meanwhile is replaced, with another key", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        for (let attempt = 0; attempt < 5; attempt += 1) {
            FakeSocket.last.say({ type: "refused", code: "unavailable", message: "Later." });
            (await nextAttempt(t)).open().say({ type: "refused", code: "ticket_invalid", message: "Too old." });
            (await nextAttempt(t)).open();
        }
        assert.equal(seen.tickets, 6);
        assert.notEqual(hello().key, first.key);
        assert.deepEqual(seen.endings, []);
    });

    test("new tickets that are refused are replaced, but not for ever", async (t) => {
        const { seen } = await asking(t);
        for (let attempt = 0; attempt < 3; attempt += 1) {
            FakeSocket.last.open().say({ type: "refused", code: "ticket_invalid", message: "Used." });
            await nextAttempt(t);
        }
        assert.equal(seen.tickets, 3);
        assert.equal(seen.endings[0].code, "ticket_invalid");
    });

    test("after a seat that is gone another ticket comes with another key", async (t) => {
        await inMeeting(t);
        const before = FakeSocket.last.sent[0].key;
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        (await nextAttempt(t)).open();
        assert.equal(hello().ticket, "ticket-2");
        assert.notEqual(hello().key, before);
    });
});

describe("Standing in line", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("positions are told until there is a seat", async (t) => {
        const { seen } = await asking(t);
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 });
        for (let second = 0; second < 600; second += 5) {
            t.mock.timers.tick(5000);
            FakeSocket.last.say({ type: "waiting", reason: "full", position: 1 });
        }
        FakeSocket.last.say(welcome()).say(chat(8));
        assert.deepEqual([...new Set(seen.waiting)], [2, 1]);
        assert.deepEqual(seen.states, ["connecting", "waiting", "open"]);
        assert.deepEqual(seen.events, [8]);
        assert.equal(FakeSocket.all.length, 1);
    });

    test("a broken socket takes the place again, with the same ticket as long as it is good", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 }).drop(1006);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), { ...first, attempt: 2 });
        FakeSocket.last.say({ type: "refused", code: "ticket_invalid", message: "Too old." });
        (await nextAttempt(t)).open().say({ type: "waiting", reason: "full", position: 2 });
        assert.equal(hello().ticket, "ticket-2");
        assert.deepEqual(seen.states, ["connecting", "waiting", "connecting", "waiting"]);
    });

    test("a line that says nothing any more is lost, and the place is taken again", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        const silent = FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 });
        t.mock.timers.tick(15_999);
        assert.equal(silent.closed, false);
        t.mock.timers.tick(1);
        assert.equal(silent.closed, true);
        (await nextAttempt(t)).open().say({ type: "waiting", reason: "full", position: 2 }).say(welcome());
        assert.deepEqual(hello(), { ...first, attempt: 2 });
        // Nothing is left of the limit in the meeting.
        t.mock.timers.tick(14_000);
        FakeSocket.last.say({ re: 0 });
        t.mock.timers.tick(3000);
        assert.deepEqual(seen.states, ["connecting", "waiting", "connecting", "waiting", "open"]);
    });

    test("when the network is back, a line that works keeps the place, and a dead one is left soon", async (t) => {
        const { connection, seen } = await asking(t);
        const first = hello();
        const before = FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 });
        connection.retryNow();
        t.mock.timers.tick(6000);
        before.say({ type: "waiting", reason: "full", position: 2 });
        t.mock.timers.tick(15_000);
        assert.deepEqual([before.closed, FakeSocket.all.length], [false, 1]);
        before.say({ type: "waiting", reason: "full", position: 2 });
        connection.retryNow();
        t.mock.timers.tick(8000);
        assert.equal(before.closed, true);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), { ...first, attempt: 2 });
        assert.deepEqual([seen.tickets, seen.endings], [1, []]);
    });

    test("leaving the line is told", async (t) => {
        const { connection, seen } = await asking(t);
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 });
        await connection.leave();
        assert.deepEqual(FakeSocket.last.sent.at(-1), { type: "session.leave" });
        assert.equal(FakeSocket.last.closed, true);
        assert.deepEqual(seen.endings, [{ kind: "ended", reason: "left" }]);
    });

    test("a line that is full is the end", async (t) => {
        const { seen } = await asking(t);
        FakeSocket.last.say({ type: "refused", code: "room_full", message: "Full." });
        assert.equal(seen.endings[0].code, "room_full");
    });

    test("after a seat that is gone one stands in line, too", async (t) => {
        const { seen } = await inMeeting(t);
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say({ type: "refused", code: "gone", message: "Gone." });
        (await nextAttempt(t)).open().say({ type: "waiting", reason: "full", position: 1 }).say(welcome({ participant: "p2" }));
        assert.deepEqual(seen.states, ["connecting", "open", "reconnecting", "waiting", "open"]);
        assert.equal(seen.welcomes.length, 2);
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open().say(resumed());
        assert.equal(seen.resumed, 1);
    });
});
