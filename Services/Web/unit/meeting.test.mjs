import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Meeting } from "../public/assets/room/model/meeting.js";
import { SeatStore } from "../public/assets/room/protocol/seat-store.js";
import { settle, welcome } from "./fake-socket.mjs";

const person = (id, changes = {}) => ({
    id, name: id, role: "participant", guest: true, connected: true, publishing: false, publication: 0,
    state: { microphone: false, camera: false, screen: false }, ...changes,
});
const message = (seq) => ({ seq, from: "1", name: "1", text: `${seq}`, at: "2025-01-01T10:00:00.000Z" });

describe("Meeting", () => {
    test("people stand in the order of their arrival and follow the events", () => {
        const meeting = new Meeting();
        const seen = [];
        meeting.addEventListener("change", ({ what, participant, before }) => seen.push([what, participant?.id, before?.name, meeting.size]));
        meeting.reset(welcome({ participant: "2", participants: [person("2"), person("1")] }));
        meeting.apply({ seq: 9, type: "joined", participants: [person("4"), person("3")] });
        meeting.apply({ seq: 10, type: "updated", participant: person("1", { name: "new" }) });
        meeting.apply({ seq: 11, type: "left", id: "1", reason: "left" });
        meeting.apply({ seq: 12, type: "media.moved" });
        assert.deepEqual(meeting.participants.map(({ id }) => id), ["2", "4", "3"]);
        assert.deepEqual(seen, [
            ["snapshot", undefined, undefined, 2], ["joined", "4", undefined, 4], ["joined", "3", undefined, 4],
            ["updated", "1", "1", 4], ["left", "1", undefined, 3],
        ]);
    });

    test("a snapshot of the same meeting adds to the chat, one of another meeting replaces it", () => {
        const meeting = new Meeting();
        meeting.reset(welcome({ chat: [message(1), message(2)] }));
        meeting.reset(welcome({ chat: [message(2), message(3)], resumed: true }));
        assert.deepEqual(meeting.chat.map(({ seq }) => seq), [1, 2, 3]);
        meeting.apply({ seq: 3, type: "chat", from: "1", text: "3" });
        assert.equal(meeting.chat.length, 3);
        meeting.reset(welcome({ meeting: "other", chat: [] }));
        assert.deepEqual(meeting.chat, []);
    });

    test("numbers that begin anew with another log hide no message", () => {
        const meeting = new Meeting();
        meeting.reset(welcome({ chat: [message(1), message(2)] }));
        meeting.reset(welcome({ epoch: "e2", seq: 1, chat: [{ ...message(1), text: "after it" }], resumed: true }));
        assert.deepEqual(meeting.chat.map(({ text }) => text), ["1", "2", "after it"]);
    });

    test("a message has the name of who wrote it, also of one who has left", () => {
        const meeting = new Meeting();
        meeting.reset(welcome({ participants: [person("1", { name: "Ada" })] }));
        meeting.apply({ seq: 8, type: "chat", from: "1", text: "Hello" });
        meeting.apply({ seq: 9, type: "left", id: "1", reason: "left" });
        meeting.apply({ seq: 10, type: "chat", from: "1", text: "Bye" });
        assert.deepEqual(meeting.chat.map(({ seq, name, text }) => [seq, name, text]), [[8, "Ada", "Hello"], [10, "Ada", "Bye"]]);
        assert.ok(Date.now() - Date.parse(meeting.chat[0].at) < 5000);
    });
});

describe("SeatStore", () => {
    test("keeps a seat for its room only, and nothing that it can't read", () => {
        const values = new Map();
        const storage = {
            getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key),
        };
        const store = new SeatStore("demo", storage);
        store.save({ token: "t", room: "r", name: "n", since: 5 });
        assert.deepEqual(store.load(), { token: "t", room: "r", name: "n", since: 5 });
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
