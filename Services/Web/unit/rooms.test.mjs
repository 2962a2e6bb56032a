import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "../public/assets/app/avatar.js";
import { compare, draftOf, entriesOf } from "../public/assets/app/rooms/room-entries.js";
import { marksOf } from "../public/assets/app/rooms/room-marks.js";
import { arrangeRooms, checkRoom, generatePIN, isPIN, isShortPIN, moveRoom, roomAge, tidyAlias } from "../public/assets/app/rooms/room-rules.js";

const good = { name: "Team", alias: "", description: "", color: "teal", pin: "" };
const check = (entries, aliasRequired = false) =>
    checkRoom({ ...good, ...entries }, { aliasRequired }).map(({ field, reason }) => `${field} ${reason}`);

test("a room needs a name; alias and PIN may be empty", () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ name: "  " }), ["name missing"]);
    assert.deepEqual(check({ alias: "" }, true), ["alias missing"]);
});

test("lengths are counted in characters as people see them", () => {
    const family = "👨‍👩‍👧‍👦";
    assert.deepEqual(check({ name: family.repeat(80) }), []);
    assert.deepEqual(check({ name: family.repeat(81) }), ["name too_long"]);
    assert.deepEqual(check({ description: "x".repeat(2001) }), ["description too_long"]);
});

test("a PIN is 4 to 10 digits, leading zeros included", () => {
    for (const pin of ["0000", "0123456789"]) assert.ok(isPIN(pin));
    for (const pin of ["123", "01234567890", "12a4", "１２３４", "12 34", "-1234"]) assert.ok(!isPIN(pin), pin);
    assert.deepEqual(check({ pin: "123", alias: "-x" }), ["alias bad_format", "pin bad_format"]);
});

test("a generated PIN has six digits, and each digit the same chance", () => {
    assert.match(generatePIN(), /^\d{6}$/);
    assert.equal(generatePIN((array) => array.fill(255).fill(13, 0, 6)), "333333");
});

test("an alias is tidied while it is typed", () => {
    assert.equal(tidyAlias("My Team_Room"), "my-team-room");
});

test("a short PIN is allowed, and known to be short", () => {
    assert.ok(isShortPIN("0000") && isShortPIN("12345"));
    assert.ok(!isShortPIN("123456") && !isShortPIN("123") && !isShortPIN(""));
});

test("the server says how old a room is; days are counted from its dates", () => {
    const now = Date.parse("2025-03-18T00:00:00Z");
    const room = { age: "fine", expiresAt: "2025-04-01T00:00:00.000Z" };
    assert.deepEqual(roomAge(room, now), { state: "fine" });
    assert.deepEqual(roomAge({ ...room, age: "expiring" }, now), { state: "expiring", days: 14 });
    // This browser's clock is fast: it has no say.
    assert.deepEqual(roomAge({ ...room, age: "expiring" }, Date.parse("2025-05-01T00:00:00Z")), { state: "expiring", days: 0 });
    assert.deepEqual(roomAge({ ...room, age: "expired", removedInDays: 30 }, now), { state: "expired", removedAt: Date.parse("2025-04-17T00:00:00Z") });
    assert.deepEqual(roomAge({ ...room, age: "expired" }, now), { state: "expired", removedAt: null });
});

test("rooms are ordered by name or last use, and found by name, alias and description", () => {
    const room = (name, lastUsedAt, more = {}) => ({ id: name, name, alias: name.toLowerCase(), description: "", lastUsedAt, ...more });
    const rooms = [room("Room 10", "2025-01-01"), room("Ähren", "2025-01-03"), room("Room 9", "2025-01-02", { description: "Only Tuesdays" })];
    const names = (options) => arrangeRooms(rooms, { order: "name", search: "", language: "de", ...options }).map(({ name }) => name);
    assert.deepEqual(names({}), ["Ähren", "Room 9", "Room 10"]);
    assert.deepEqual(names({ order: "used" }), ["Ähren", "Room 9", "Room 10"]);
    assert.deepEqual(names({ search: " TUESDAY " }), ["Room 9"]);
    assert.deepEqual(names({ order: "own" }), ["Room 10", "Ähren", "Room 9"]);
});

test("a room is moved by one place, and not beyond the ends", () => {
    const rooms = ["a", "b", "c"].map((id) => ({ id }));
    const ids = (arranged) => arranged?.map(({ id }) => id).join("");
    assert.equal(ids(moveRoom(rooms, "b", -1)), "bac");
    assert.equal(ids(moveRoom(rooms, "b", 1)), "acb");
    assert.equal(moveRoom(rooms, "a", -1), null);
    assert.equal(moveRoom(rooms, "c", 1), null);
    assert.equal(moveRoom(rooms, "unknown", 1), null);
    assert.equal(ids(rooms), "abc");
});

test("marks tell what is special about a room", () => {
    const plain = { access: "owner", ownerName: "Ada", personal: false, locked: false, options: { lobby: "nobody" } };
    const marks = (more) => marksOf({ ...plain, ...more }).map(({ key }) => key);
    assert.deepEqual(marks({}), []);
    assert.deepEqual(marks({ locked: true, pin: "0000", options: { lobby: "guests" }, personal: true }), ["mark.locked", "mark.pin", "mark.lobby.guests", "mark.personal"]);
    assert.deepEqual(marksOf({ ...plain, access: "deputy" })[0]?.parameters, { name: "Ada" });
});

test("a draft has every option, and no alias or PIN when there is none", () => {
    const draft = draftOf({ ...entriesOf(null), name: " Team ", lobby: "guests" });
    assert.equal(draft.name, "Team");
    assert.deepEqual([draft.alias, draft.pin], [undefined, undefined]);
    assert.deepEqual(draft.options, {
        everyoneModerates: false, muteOnJoining: false, lobby: "guests", waitForModerator: false, screenSharing: "everyone", chat: "everyone", keepChat: true,
    });
    assert.ok(!("deputies" in draft));
});

test("of two changes at once, only what both changed differently has to be chosen", () => {
    const base = { name: "Team", description: "", pin: "1234", deputies: ["a", "b"] };
    const entered = { name: "Our team", description: "Mine", pin: "1234", deputies: ["b", "a"] };
    const current = { name: "The team", description: "", pin: "", deputies: ["c"] };
    assert.deepEqual(compare(base, entered, current), { taken: ["pin", "deputies"], disputed: ["name"] });
    assert.deepEqual(compare(base, entered, { ...base, name: "Our team" }), { taken: [], disputed: [] });
});

test("initials are those of the first and last word", () => {
    assert.equal(initials("Elisabeth von Thurn"), "ET");
    assert.equal(initials("  đorđe "), "Đ");
    assert.equal(initials("Ann (Sales)"), "A");
    assert.equal(initials("🙂"), "");
});
