import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ChatOutbox } from "../public/assets/room/protocol/chat-outbox.js";
import { RequestError } from "../public/assets/room/protocol/requests.js";
import { settle } from "./fake-socket.mjs";

/** An outbox whose answers the test gives. */
function start() {
    const requests = [];
    const outbox = new ChatOutbox((type, { text, key }) => new Promise((resolve, reject) => {
        assert.equal(type, "chat.send");
        requests.push({
            text, key,
            async answer(seq) {
                resolve({ seq });
                await settle();
            },
            async fail(code, retryAfter) {
                reject(new RequestError(code, "", retryAfter));
                await settle();
            },
        });
    }), () => {});
    const shown = () => outbox.outgoing.map(({ text, failed }) => (failed ? `${text}!` : text));
    return { outbox, requests, shown };
}

describe("ChatOutbox", () => {
    test("a message is on its way until it has come back, after its answer", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("hello");
        await requests[0].answer(8);
        assert.deepEqual(shown(), ["hello"]);
        outbox.arrived(8, "hello");
        assert.deepEqual(shown(), []);
    });

    test("one that comes back before its answer is not shown twice", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("hello");
        outbox.arrived(8, "hello");
        assert.deepEqual(shown(), []);
        await requests[0].answer(8);
        assert.deepEqual(shown(), []);
        outbox.resend();
        assert.equal(requests.length, 1);
    });

    test("two with the same text are two", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("ok");
        outbox.send("ok");
        assert.notEqual(requests[0].key, requests[1].key);
        outbox.arrived(8, "ok");
        assert.deepEqual(shown(), ["ok"]);
        await requests[0].answer(8);
        assert.deepEqual(shown(), ["ok"]);
        await requests[1].answer(9);
        outbox.arrived(9, "ok");
        assert.deepEqual(shown(), []);
    });

    test("when the first of two with the same text is refused, what came back was the second", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("ok");
        outbox.send("ok");
        outbox.arrived(8, "ok");
        await requests[0].fail("forbidden");
        assert.deepEqual(shown(), ["ok!"]);
        await requests[1].answer(8);
        assert.deepEqual(shown(), ["ok!"]);
        outbox.resend();
        assert.equal(requests.length, 2);
        outbox.retry();
        assert.equal(requests[2].key, requests[0].key);
        await requests[2].answer(9);
        outbox.arrived(9, "ok");
        assert.deepEqual(shown(), []);
    });

    test("one that was cut off is sent again under the same key, and is known when it was said already", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("hello");
        await requests[0].fail("disconnected");
        assert.deepEqual(shown(), ["hello"]);
        outbox.arrived(8, "hello");
        outbox.resend();
        assert.equal(requests[1].key, requests[0].key);
        assert.match(requests[0].key, /^[0-9a-f]{32}$/);
        await requests[1].answer(8);
        assert.deepEqual(shown(), []);
    });

    test("while the server can't take it, it is sent again by itself, and the order is kept", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        const { outbox, requests, shown } = start();
        outbox.send("first");
        await requests[0].fail("unavailable");
        outbox.send("second");
        assert.deepEqual([shown(), requests.length], [["first", "second"], 1]);
        t.mock.timers.tick(1000);
        assert.deepEqual(requests.slice(1).map(({ text, key }) => [text, key === requests[0].key]), [["first", true]]);
        t.mock.timers.tick(121_000);
        await requests[1].fail("unavailable");
        assert.deepEqual([requests[2].text, requests[2].key === requests[0].key], ["second", false]);
        await requests[2].answer(9);
        assert.deepEqual(shown(), ["first!", "second"]);
    });

    test("an answer about something that a snapshot has is not waited for", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("in it");
        outbox.send("answered");
        await requests[0].fail("disconnected");
        await requests[1].answer(9);
        outbox.reset(12, true, "e1");
        assert.deepEqual(shown(), ["in it"]);
        outbox.resend();
        await requests[2].answer(8);
        assert.deepEqual(shown(), []);
    });

    test("in another seat only what did not come back is sent again", async () => {
        const { outbox, requests, shown } = start();
        outbox.send("said");
        outbox.send("lost");
        outbox.arrived(8, "said");
        for (const request of requests.slice()) await request.fail("disconnected");
        outbox.reset(12, false, "e1");
        outbox.resend();
        assert.deepEqual(requests.slice(2).map(({ text }) => text), ["lost"]);
        assert.deepEqual(shown(), ["lost"]);
    });

    test("many go out one after the other, as fast as the server takes them, and none is given up", async (t) => {
        t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
        const { outbox, requests, shown } = start();
        const texts = Array.from({ length: 15 }, (_, number) => `${number}`);
        outbox.send(texts[0]);
        await requests[0].fail("disconnected");
        for (const text of texts.slice(1)) outbox.send(text);
        assert.equal(requests.length, 1);
        t.mock.timers.tick(300_000);
        outbox.resend();
        for (let seq = 1; seq <= 10; seq += 1) {
            assert.equal(requests.length, seq + 1);
            await requests.at(-1).answer(seq);
        }
        await requests.at(-1).fail("too_many_requests", 3);
        outbox.send("new");
        t.mock.timers.tick(2999);
        assert.equal(requests.length, 12);
        t.mock.timers.tick(1);
        for (let seq = 11; seq <= 16; seq += 1) await requests.at(-1).answer(seq);
        assert.deepEqual(requests.slice(12).map(({ text }) => text), ["10", "11", "12", "13", "14", "new"]);
        for (const [index, text] of [...texts, "new"].entries()) outbox.arrived(index + 1, text);
        assert.deepEqual(shown(), []);
    });

    test("what is on its way is not sent twice", async () => {
        const { outbox, requests } = start();
        outbox.send("first");
        outbox.send("second");
        outbox.resend();
        assert.equal(requests.length, 2);
        await requests[0].answer(8);
        await requests[1].answer(9);
        assert.equal(requests.length, 2);
    });

    test("what was cut off is sent again, also when that is told after the connection is back", async () => {
        const { outbox, requests } = start();
        outbox.send("first");
        outbox.send("second");
        const cut = requests.slice().map((request) => request.fail("disconnected"));
        outbox.resend();
        await Promise.all(cut);
        await requests[2].answer(8);
        await requests[3].answer(9);
        assert.deepEqual(requests.map(({ text }) => text), ["first", "second", "first", "second"]);
    });

    test("in another log what came back before counts no more", async () => {
        const { outbox, requests, shown } = start();
        outbox.reset(7, false, "e1");
        outbox.send("hello");
        outbox.arrived(8, "hello");
        await requests[0].fail("disconnected");
        outbox.reset(9, true, "e1");
        assert.deepEqual(shown(), []);
        outbox.reset(2, true, "e2");
        assert.deepEqual(shown(), ["hello"]);
        outbox.resend();
        await requests[1].answer(3);
        outbox.arrived(3, "hello");
        assert.deepEqual(shown(), []);
    });
});
