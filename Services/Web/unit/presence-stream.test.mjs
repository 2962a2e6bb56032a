import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { KnownPresence } from "../public/assets/app/presence/known.js";
import { PresenceStream } from "../public/assets/app/presence/stream.js";
import { ApiError } from "../public/assets/lib/problems.js";
import { FakeSocket, settle } from "./fake-socket.mjs";

beforeEach(() => {
    FakeSocket.all = [];
});

const own = { manual: { state: "available" }, seen: { state: "available" } };
const welcome = { type: "welcome", epoch: "e1", seq: 7, own };
const snapshot = (changes = {}) => ({
    type: "snapshot", epoch: "e1", seq: 7, items: [{ account: "ada", state: "available" }, { account: "bob", state: "busy", note: "in_meeting" }], ...changes,
});
const changed = (seq, view, epoch = "e1") => ({ type: "changed", epoch, seq, view });

/** A stream for Ada, and what it has told. */
function start(options = {}) {
    const seen = { told: [], own: 0, tokens: 0, forgotten: 0 };
    const stream = new PresenceStream({
        url: () => "wss://parley.test/api/presence/stream",
        token: async () => `token-${++seen.tokens}`,
        forgetToken: () => (seen.forgotten += 1),
        SocketClass: FakeSocket,
        random: () => 0,
        ...options,
    });
    stream.addEventListener("presence", ({ account }) => seen.told.push(account));
    stream.addEventListener("own", () => (seen.own += 1));
    stream.start("ada");
    Object.assign(seen, { told: [], own: 0 });
    return { stream, seen };
}

/** The first socket, opened. */
async function asking(t, options) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const started = start(options);
    await settle();
    FakeSocket.last.open();
    return started;
}

async function live(t, options) {
    const started = await asking(t, options);
    FakeSocket.last.say(welcome).say(snapshot());
    return started;
}

/** Skips the pause before the next attempt, and opens it. */
async function next(t, milliseconds = 5000) {
    t.mock.timers.tick(milliseconds);
    await settle();
    return FakeSocket.last.open();
}

test("it says hello with a token, is welcomed and told of everybody: who is not named is offline", async (t) => {
    const { stream, seen } = await asking(t);
    const [hello] = FakeSocket.last.sent;
    assert.deepEqual(hello, { type: "hello", token: "token-1", active: false });
    FakeSocket.last.say(welcome);
    assert.equal(stream.of("bob"), null, "it is not known that nobody is there");
    assert.ok(stream.isConnecting, "nor is it said that nothing can be known");
    FakeSocket.last.say(snapshot());
    assert.deepEqual(stream.of("bob"), { state: "busy", note: "in_meeting" });
    assert.equal(stream.of("cleo").state, "offline");
    assert.deepEqual(stream.own, own);
    assert.deepEqual([seen.told, seen.own], [[null, null], 2]);
});

test("a snapshot is a welcome, too", async (t) => {
    const { stream } = await asking(t);
    FakeSocket.last.say({ type: "snapshot", epoch: "e1", seq: 7, items: [] });
    t.mock.timers.tick(15_000);
    assert.ok(!FakeSocket.last.closed);
    assert.equal(stream.of("bob").state, "offline");
});

test("a change is one person's; what was known already is told nobody", async (t) => {
    const { stream, seen } = await live(t);
    FakeSocket.last.say(changed(8, { account: "cleo", state: "absent", text: "Lunch" }));
    FakeSocket.last.say(changed(8, { account: "cleo", state: "busy" }));
    FakeSocket.last.say(changed(9, { account: "bob", state: "offline" }));
    assert.deepEqual(stream.of("cleo"), { state: "absent", text: "Lunch" });
    assert.equal(stream.of("bob").state, "offline");
    assert.deepEqual(seen.told, [null, null, "cleo", "bob"]);
});

test("who is offline is so with the words they have left, oneself too", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.say(changed(8, { account: "bob", state: "offline", text: "Back on Monday" }));
    FakeSocket.last.say(changed(9, { account: "ada", state: "offline", text: "Gone fishing" }));
    assert.deepEqual(stream.of("bob"), { state: "offline", text: "Back on Monday" });
    assert.deepEqual(stream.of("ada"), { state: "offline", text: "Gone fishing" });
    assert.deepEqual(stream.own.seen, { state: "offline", text: "Gone fishing" });
    FakeSocket.last.say(changed(10, { account: "bob", state: "offline" }));
    assert.deepEqual(stream.of("bob"), { state: "offline" });
});

test("of whom a snapshot says nothing is offline, oneself too", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.say(snapshot({ seq: 9, items: [] }));
    assert.deepEqual(stream.own, { manual: { state: "available" }, seen: { state: "offline" } });
});

test("an answer of the server does not replace what was told while it was on its way", async (t) => {
    const { stream } = await live(t);
    const answer = { manual: { state: "busy" }, seen: { state: "busy" } };
    let mark = stream.ownMark;
    FakeSocket.last.say(changed(8, { account: "ada", state: "busy", note: "in_meeting" }));
    stream.putAnswer(answer, mark);
    assert.deepEqual(stream.own, { manual: { state: "busy" }, seen: { state: "busy", note: "in_meeting" } });
    mark = stream.ownMark;
    const newer = { manual: { state: "absent" }, seen: { state: "absent" } };
    FakeSocket.last.say({ type: "own", own: newer });
    stream.putAnswer(answer, mark);
    assert.deepEqual(stream.own, newer);
    stream.putAnswer(answer, stream.ownMark);
    assert.deepEqual(stream.own, answer);
});

test("an answer is all that is known before the stream has said anything", () => {
    const known = new KnownPresence("ada");
    known.putAnswer(own, known.ownMark);
    assert.deepEqual(known.own, own);
});

test("what colleagues see of oneself comes with the changes, what one has set by a message of its own", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.say(changed(8, { account: "ada", state: "busy", note: "in_meeting" }));
    assert.deepEqual(stream.own, { manual: { state: "available" }, seen: { state: "busy", note: "in_meeting" } });
    const set = { manual: { state: "invisible" }, seen: { state: "offline" } };
    FakeSocket.last.say({ type: "own", own: set });
    assert.deepEqual(stream.own, set);
});

test("after a break it goes on where it was, and what it missed follows", async (t) => {
    const { stream, seen } = await live(t);
    FakeSocket.last.say(changed(8, { account: "cleo", state: "busy" }));
    FakeSocket.last.drop(1006);
    const socket = await next(t, 200);
    assert.deepEqual(socket.sent, [{ type: "hello", token: "token-2", active: false, epoch: "e1", seq: 8 }]);
    socket.say({ type: "welcome", epoch: "e1", seq: 9, own }).say(changed(9, { account: "bob", state: "absent" }));
    assert.deepEqual([stream.of("bob").state, stream.of("cleo").state], ["absent", "busy"]);
    assert.equal(seen.told.at(-1), "bob");
});

test("a gap is closed by coming back; when that brings another one, everything is asked anew", async (t) => {
    const { stream } = await live(t, { times: { silence: 1e9 } });
    t.mock.timers.tick(10_000);
    FakeSocket.last.say(changed(10, { account: "cleo", state: "busy" }));
    assert.ok(FakeSocket.last.closed);
    assert.equal(stream.of("cleo").state, "offline");
    let socket = await next(t, 200);
    assert.deepEqual([socket.sent[0].epoch, socket.sent[0].seq], ["e1", 7]);
    socket.say({ type: "welcome", epoch: "e1", seq: 7, own }).say(changed(9, { account: "cleo", state: "busy" }));
    socket = await next(t, 500);
    assert.equal(socket.sent[0].seq, undefined);
});

test("a snapshot replaces what was known, and another epoch without one is a gap", async (t) => {
    const { stream, seen } = await live(t);
    FakeSocket.last.say({ type: "snapshot", epoch: "e2", seq: 3, items: [{ account: "cleo", state: "available" }] });
    assert.deepEqual([stream.of("bob").state, stream.of("cleo").state], ["offline", "available"]);
    FakeSocket.last.say(changed(4, { account: "bob", state: "available" }, "e2"));
    assert.deepEqual(seen.told, [null, null, null, "bob"]);
    FakeSocket.last.say(changed(5, { account: "bob", state: "busy" }, "e3"));
    assert.ok(FakeSocket.last.closed);
});

test("a short break shows nothing; after five seconds nobody's presence is known, until it is back", async (t) => {
    const { stream, seen } = await live(t);
    FakeSocket.last.drop(1006);
    t.mock.timers.tick(4000);
    assert.equal(stream.of("bob").state, "busy");
    t.mock.timers.tick(1500);
    assert.equal(stream.of("bob"), null);
    assert.deepEqual(seen.told, [null, null, null]);
    await settle();
    FakeSocket.last.open().say({ type: "welcome", epoch: "e1", seq: 7, own });
    assert.equal(stream.of("bob").state, "busy");
});

test("it waits longer from attempt to attempt, at most five seconds, and spreads", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    start({ random: () => 1 });
    await settle();
    for (const pause of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
        FakeSocket.last.drop(1006);
        const count = FakeSocket.all.length;
        t.mock.timers.tick(pause - 1);
        await settle();
        assert.equal(FakeSocket.all.length, count, `before ${pause} ms`);
        t.mock.timers.tick(1);
        await settle();
        assert.equal(FakeSocket.all.length, count + 1, `after ${pause} ms`);
    }
});

test("a process that ends, is slow or can't serve is left and another one is asked", async (t) => {
    await live(t);
    for (const code of [1001, 1011, 1012, 4400, 4408, 4429, 4490]) {
        const count = FakeSocket.all.length;
        FakeSocket.last.drop(code);
        (await next(t)).say(welcome);
        assert.equal(FakeSocket.all.length, count + 1, `after ${code}`);
    }
});

test("where a process ends, those it leaves spread over three seconds, and what is known is shown meanwhile", async (t) => {
    for (const code of [1001, 1012]) {
        FakeSocket.all = [];
        t.mock.timers.reset();
        const { stream } = await live(t, { random: () => 1 });
        FakeSocket.last.drop(code);
        t.mock.timers.tick(2999);
        await settle();
        assert.equal(FakeSocket.all.length, 1, `after ${code}`);
        t.mock.timers.tick(1);
        await settle();
        assert.equal(FakeSocket.all.length, 2);
        t.mock.timers.tick(4900);
        assert.equal(stream.of("bob").state, "busy", "the others had no time yet");
        t.mock.timers.tick(100);
        assert.equal(stream.of("bob"), null);
    }
});

test("who has asked too often is told until when, and does not ask before", async (t) => {
    const { stream, seen } = await live(t);
    const from = Date.now();
    FakeSocket.last.say({ type: "refused", code: "too_many_requests", message: "", retryAfter: 60 });
    FakeSocket.last.drop(4429);
    assert.equal(stream.barredUntil, from + 60_000);
    assert.equal(seen.told.at(-1), null, "the page is told");
    stream.wake();
    t.mock.timers.tick(59_000);
    stream.wake();
    await settle();
    assert.equal(FakeSocket.all.length, 1);
    await next(t, 1000);
    assert.equal(FakeSocket.all.length, 2);
    FakeSocket.last.say(welcome);
    assert.equal(stream.barredUntil, null);
});

test("who is refused for good does not come back", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.drop(4503);
    t.mock.timers.tick(60_000);
    await settle();
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(stream.of("bob"), null);
});

test("a refusal says how long to stay away; one that does not pass ends it", async (t) => {
    await asking(t);
    FakeSocket.last.say({ type: "refused", code: "unavailable", message: "", retryAfter: 20 });
    t.mock.timers.tick(19_000);
    await settle();
    assert.equal(FakeSocket.all.length, 1);
    const socket = await next(t, 1000);
    assert.equal(FakeSocket.all.length, 2);
    socket.say({ type: "refused", code: "forbidden", message: "" });
    t.mock.timers.tick(60_000);
    await settle();
    assert.equal(FakeSocket.all.length, 2);
});

test("a token that is refused is replaced, and not again and again", async (t) => {
    const { seen } = await asking(t);
    for (let round = 0; round < 6; round += 1) {
        FakeSocket.last.say({ type: "refused", code: "unauthenticated", message: "" });
        t.mock.timers.tick(6000);
        await settle();
        if (!FakeSocket.last.closed) FakeSocket.last.open();
    }
    assert.deepEqual([FakeSocket.all.length, seen.forgotten], [4, 3]);
});

test("where the session is over, no token is to be had, and nothing is asked any more", async (t) => {
    let isSignedIn = true;
    const { stream, seen } = await live(t, {
        token: async () => {
            if (isSignedIn) return "token";
            throw new ApiError(401, "unauthenticated");
        },
    });
    isSignedIn = false;
    FakeSocket.last.drop(4512);
    t.mock.timers.tick(60_000);
    await settle();
    t.mock.timers.tick(60_000);
    await settle();
    assert.deepEqual([FakeSocket.all.length, seen.forgotten, stream.of("bob")], [1, 1, null]);
});

test("while identity is away it goes on trying", async (t) => {
    let isAway = true;
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    start({
        token: async () => {
            if (isAway) throw new ApiError(0, "network");
            return "token";
        },
    });
    await settle();
    t.mock.timers.tick(5000);
    await settle();
    assert.equal(FakeSocket.all.length, 0);
    isAway = false;
    await next(t);
    assert.equal(FakeSocket.last.sent[0].type, "hello");
});

test("who signs out is gone at once, and what was known with them", async (t) => {
    const { stream } = await live(t);
    stream.stop();
    assert.ok(FakeSocket.last.closed);
    assert.deepEqual([stream.of("bob"), stream.own], [null, null]);
    t.mock.timers.tick(60_000);
    await settle();
    assert.equal(FakeSocket.all.length, 1);
    stream.start("eve");
    await settle();
    assert.equal(FakeSocket.last.open().sent[0].epoch, undefined, "somebody else begins anew");
});

test("one page has one connection, however often it begins", async (t) => {
    const { stream } = await live(t);
    stream.start("ada");
    await settle();
    assert.equal(FakeSocket.all.length, 1);
});

test("whether the device is used is said when it changes, and with each hello", async (t) => {
    const { stream } = await live(t);
    stream.setActive(true);
    stream.setActive(true);
    stream.setActive(false);
    assert.deepEqual(FakeSocket.last.sent.slice(1), [{ type: "activity", active: true }, { type: "activity", active: false }]);
    stream.setActive(true);
    FakeSocket.last.drop(1006);
    assert.equal((await next(t)).sent[0].active, true);
});

test("what is said between hello and welcome is not lost", async (t) => {
    const { stream } = await asking(t);
    stream.setActive(true);
    FakeSocket.last.say(welcome);
    assert.deepEqual(FakeSocket.last.sent.slice(1), [{ type: "activity", active: true }]);
});

test("a network that is back is used at once", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.drop(1006);
    stream.wake();
    await settle();
    assert.equal(FakeSocket.all.length, 2);
});

test("a silence is not trusted: it asks, and leaves when there is no answer", async (t) => {
    const { stream } = await live(t);
    t.mock.timers.tick(30_000);
    assert.deepEqual(FakeSocket.last.sent.at(-1), { type: "ping" });
    FakeSocket.last.say({ type: "pong" });
    t.mock.timers.tick(5000);
    assert.ok(!FakeSocket.last.closed, "any answer will do");
    stream.wake();
    t.mock.timers.tick(5000);
    assert.ok(FakeSocket.last.closed);
    await next(t);
    assert.equal(FakeSocket.all.length, 2);
});

test("a page that was put aside closes its socket, and comes back to where it was", async (t) => {
    const { stream } = await live(t);
    stream.pause();
    assert.ok(FakeSocket.last.closed);
    stream.wake();
    await settle();
    assert.equal(FakeSocket.last.open().sent[0].seq, 7);
});

test("what is not understood changes nothing", async (t) => {
    const { stream } = await live(t);
    FakeSocket.last.say({ type: "something new" }).say(null);
    FakeSocket.last.onmessage({ data: "{" });
    assert.equal(stream.of("bob").state, "busy");
});
