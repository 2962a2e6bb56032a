import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Meeting } from "../public/assets/room/model/meeting.js";
import { ChatOutbox } from "../public/assets/room/protocol/chat-outbox.js";
import { RequestError } from "../public/assets/room/protocol/requests.js";
import { SeatStore } from "../public/assets/room/protocol/seat-store.js";
import { welcome } from "./fake-socket.mjs";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const person = (id, changes = {}) => ({
    id, name: id, role: "participant", guest: true, joinedAt: `2025-01-01T10:00:0${id}.000Z`,
    state: { microphone: false, camera: false, screen: false }, connected: true, publishing: false, ...changes,
});
const message = (id) => ({ id, from: "1", name: "1", text: id, at: "2025-01-01T10:00:00.000Z" });

describe("Meeting", () => {
    test("people stand in the order of their arrival and follow the events", () => {
        const meeting = new Meeting();
        const seen = [];
        meeting.addEventListener("change", ({ what, participant, before }) => seen.push([what, participant?.id, before?.name]));
        meeting.reset(welcome({ participant: "2", participants: [person("2"), person("1")] }));
        meeting.apply({ seq: 8, type: "participant.joined", participant: person("3") });
        meeting.apply({ seq: 9, type: "participant.updated", participant: person("3", { name: "new" }) });
        meeting.apply({ seq: 10, type: "participant.left", id: "1", reason: "left" });
        assert.deepEqual(meeting.participants.map(({ id }) => id), ["2", "3"]);
        assert.deepEqual(seen, [["snapshot", undefined, undefined], ["joined", "3", undefined], ["updated", "3", "3"], ["left", "1", undefined]]);
    });

    test("a snapshot of the same meeting adds to the chat, one of another meeting replaces it", () => {
        const meeting = new Meeting();
        meeting.reset(welcome({ chat: [message("a"), message("b")] }));
        meeting.reset(welcome({ chat: [message("b"), message("c")], resumed: true }));
        assert.deepEqual(meeting.chat.map(({ id }) => id), ["a", "b", "c"]);
        meeting.apply({ seq: 8, type: "chat.message", message: message("c") });
        assert.equal(meeting.chat.length, 3);
        meeting.reset(welcome({ meeting: "other", chat: [] }));
        assert.deepEqual(meeting.chat, []);
    });
});

describe("ChatOutbox", () => {
    test("a message that was cut off is sent again under the same key", async () => {
        const sent = [];
        let open = false;
        const outbox = new ChatOutbox(async (type, body) => {
            sent.push(body);
            if (!open) throw new RequestError("disconnected", "");
        }, () => {});
        outbox.send("hello");
        await settle();
        assert.deepEqual(outbox.outgoing.map(({ text, failed }) => [text, failed]), [["hello", false]]);
        open = true;
        outbox.resend();
        await settle();
        assert.deepEqual(outbox.outgoing, []);
        assert.equal(sent[0].key, sent[1].key);
        assert.match(sent[0].key, /^[0-9a-f]{32}$/);
    });

    test("a message that was refused says so", async () => {
        const outbox = new ChatOutbox(async () => {
            throw new RequestError("too_many_requests", "");
        }, () => {});
        outbox.send("hello");
        await settle();
        assert.equal(outbox.outgoing[0].failed, true);
    });
});

describe("SeatStore", () => {
    test("keeps a seat for its room only, and nothing that it can't read", () => {
        const values = new Map();
        const storage = {
            getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key),
        };
        const store = new SeatStore("demo", storage);
        store.save({ token: "t", room: "r", name: "n" });
        assert.deepEqual(store.load(), { token: "t", room: "r", name: "n" });
        assert.equal(new SeatStore("other", storage).load(), null);
        values.set("parley.seat.demo", "{nonsense");
        assert.equal(store.load(), null);
        store.clear();
        assert.equal(values.size, 0);
    });

    test("works without storage", () => {
        const store = new SeatStore("demo", null);
        store.save({ token: "t", room: "r", name: "n" });
        assert.equal(store.load(), null);
    });
});
