import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "../public/assets/app/avatar.js";
import { invitationText } from "../public/assets/app/room-invitation.js";
import { arrangeRooms, checkRoom, generatePIN, isPIN, roomAge, tidyAlias } from "../public/assets/app/room-rules.js";
import { setLanguage } from "../public/assets/lib/i18n.js";

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

test("the owner is warned 14 days before a room ends", () => {
    const room = { expiresAt: "2025-04-01T00:00:00.000Z" };
    assert.deepEqual(roomAge(room, Date.parse("2025-03-17T23:59:59Z")), { state: "fine" });
    assert.deepEqual(roomAge(room, Date.parse("2025-03-18T00:00:00Z")), { state: "soon", days: 14 });
    assert.deepEqual(roomAge(room, Date.parse("2025-03-31T23:00:00Z")), { state: "soon", days: 1 });
    assert.deepEqual(roomAge(room, Date.parse("2025-04-01T00:00:00Z")), { state: "expired" });
});

test("rooms are ordered by name or last use, and found by name, alias and description", () => {
    const room = (name, lastUsedAt, more = {}) => ({ id: name, name, alias: name.toLowerCase(), description: "", lastUsedAt, ...more });
    const rooms = [room("Room 10", "2025-01-01"), room("Ähren", "2025-01-03"), room("Room 9", "2025-01-02", { description: "Only Tuesdays" })];
    const names = (options) => arrangeRooms(rooms, { order: "name", search: "", language: "de", ...options }).map(({ name }) => name);
    assert.deepEqual(names({}), ["Ähren", "Room 9", "Room 10"]);
    assert.deepEqual(names({ order: "used" }), ["Ähren", "Room 9", "Room 10"]);
    assert.deepEqual(names({ search: " TUESDAY " }), ["Room 9"]);
});

test("an invitation has name, description, link and, when wanted, the PIN", () => {
    setLanguage("en");
    const room = { name: "Team", description: "Two\nlines", pin: "0123" };
    const link = "https://meet.example/r/team";
    assert.equal(invitationText(room, link, false), `You are invited to a meeting: Team\n\nTwo\nlines\n\nJoin in your browser:\n${link}`);
    assert.ok(invitationText(room, link, true).endsWith("\n\nPIN: 0123"));
    setLanguage("de");
    assert.match(invitationText({ ...room, description: "" }, link, true), /^Sie sind zu einer Besprechung eingeladen: Team\n\nIm Browser/);
});

test("initials are those of the first and last word", () => {
    assert.equal(initials("Elisabeth von Thurn"), "ET");
    assert.equal(initials("  đorđe "), "Đ");
    assert.equal(initials("Ann (Sales)"), "A");
    assert.equal(initials("🙂"), "");
});
