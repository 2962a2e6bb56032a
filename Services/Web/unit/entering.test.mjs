import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeSocket, resumed, welcome } from "./fake-socket.mjs";
import { asking, chat, inMeeting, nextAttempt } from "./start-connection.mjs";

const hello = () => FakeSocket.last.sent[0];

describe("Entering", () => {
    beforeEach(() => {
        FakeSocket.all = [];
    });

    test("after a lost answer the same ticket and key lead to the same seat", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        FakeSocket.last.drop(1006);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), first);
        assert.equal(seen.tickets, 1);
    });

    test("a refusal that passes is waited for as long as the server says, with the same ticket and key", async (t) => {
        await asking(t);
        const first = hello();
        FakeSocket.last.say({ type: "refused", code: "rebuilding", message: "Soon.", retryAfter: 9 });
        await nextAttempt(t);
        assert.equal(FakeSocket.all.length, 1);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), first);
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
        t.mock.timers.tick(600_000);
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 1 }).say(welcome()).say(chat(8));
        assert.deepEqual(seen.waiting, [2, 1]);
        assert.deepEqual(seen.states, ["connecting", "waiting", "open"]);
        assert.deepEqual(seen.events, [8]);
        assert.equal(FakeSocket.all.length, 1);
    });

    test("a broken socket takes the place again, with the same ticket as long as it is good", async (t) => {
        const { seen } = await asking(t);
        const first = hello();
        FakeSocket.last.say({ type: "waiting", reason: "full", position: 2 }).drop(1006);
        (await nextAttempt(t)).open();
        assert.deepEqual(hello(), first);
        FakeSocket.last.say({ type: "refused", code: "ticket_invalid", message: "Too old." });
        (await nextAttempt(t)).open().say({ type: "waiting", reason: "full", position: 2 });
        assert.equal(hello().ticket, "ticket-2");
        assert.deepEqual(seen.states, ["connecting", "waiting", "connecting", "waiting"]);
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
