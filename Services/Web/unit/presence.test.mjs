import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { checkPresence, choicesOfUntil, draftOf, entriesOf, manualStates } from "../public/assets/app/presence/own-rules.js";
import { mostPeople, PeopleList } from "../public/assets/app/presence/people-list.js";
import { endText, seenText, unknownText } from "../public/assets/app/presence/presence-text.js";
import presenceDe from "../public/assets/i18n/presence.de.js";
import presenceEn from "../public/assets/i18n/presence.en.js";
import { shapes } from "../public/assets/lib/icons.js";
import { register, setLanguage } from "../public/assets/lib/i18n.js";

register({ en: presenceEn, de: presenceDe });
const minute = 60_000;
const now = new Date(2026, 4, 3, 14, 0).getTime();
const at = (...when) => new Date(...when).toISOString().replace(".000Z", "Z");

beforeEach(() => setLanguage("en"));

test("a colleague's presence is said in words: state, note, end", () => {
    setLanguage("de");
    assert.equal(seenText({ state: "busy", note: "in_meeting", until: at(2026, 4, 3, 15, 30) }, now), "Beschäftigt · In Besprechung · bis 15:30");
    assert.equal(seenText({ state: "do_not_disturb", text: "Konzept" }, now), "Nicht stören");
    setLanguage("en");
    assert.match(seenText({ state: "absent", until: at(2026, 4, 3, 15, 30) }, now), /^Absent · until 3:30\sPM$/);
    assert.equal(seenText(null, now), "Unknown");
});

test("an end on another day says which", () => {
    setLanguage("de");
    assert.equal(endText(at(2026, 4, 4, 8, 0), now), "morgen, 08:00");
    assert.equal(endText(at(2026, 4, 4, 0, 1), now), "morgen, 00:01");
    assert.equal(endText(at(2026, 4, 12, 8, 0), now), "12. Mai, 08:00");
    assert.equal(endText(at(2027, 2, 12, 8, 0), now), "12.03.2027, 08:00");
});

test("who is away for today reads nothing of tomorrow", () => {
    const until = draftOf({ ...entriesOf({ state: "available" }, now), state: "absent", until: "today" }, { state: "available" }, now).until;
    assert.equal(seenText({ state: "absent", until }, now), "Absent · until the end of today");
    setLanguage("de");
    assert.equal(seenText({ state: "absent", until }, now), "Abwesend · bis Ende des Tages");
    assert.equal(endText(until, now + 24 * 60 * minute), "00:00");
});

test("why nothing is known is said: because nothing can be read, or because it was asked too often", () => {
    assert.equal(unknownText(null), "Presence can't be read right now.");
    assert.match(unknownText(now), /asked for too often.* 2:00\sPM/);
});

test("each state has a name and a shape of its own", () => {
    const states = ["available", "inactive", "busy", "do_not_disturb", "absent", "offline", "invisible", "unknown"];
    const drawn = states.map((state) => shapes[`presence-${state}`].join());
    assert.equal(new Set(drawn).size, states.length);
    for (const texts of [presenceEn, presenceDe]) assert.equal(new Set(states.map((state) => texts[`presence.${state}`])).size, states.length);
    for (const state of manualStates) assert.ok(states.includes(state));
});

test("what is set stands in the form, with its end", () => {
    const manual = { state: "busy", text: "Report", until: at(2026, 4, 3, 16, 5) };
    assert.deepEqual(entriesOf(manual, now), { state: "busy", text: "Report", until: "kept", date: "2026-05-03", time: "16:05" });
    assert.equal(choicesOfUntil(manual)[0], "kept");
    assert.deepEqual(entriesOf({ state: "available" }, now + minute), { state: "available", text: "", until: "never", date: "2026-05-03", time: "15:00" });
    assert.equal(choicesOfUntil({ state: "available" })[0], "never");
});

test("an end is a length from now, the end of the day, a moment, what it was, or none", () => {
    const before = { state: "busy", until: at(2026, 4, 3, 16, 5) };
    const end = (until, more = {}) => draftOf({ ...entriesOf(before, now), ...more, until }, before, now).until;
    assert.equal(end("minutes"), at(now + 30 * minute));
    assert.equal(end("hour"), at(now + 60 * minute));
    assert.equal(end("hours"), at(now + 240 * minute));
    assert.equal(end("today"), at(2026, 4, 4, 0, 0));
    assert.equal(end("own", { date: "2026-05-08", time: "09:30" }), at(2026, 4, 8, 9, 30));
    assert.equal(end("kept"), before.until);
    assert.equal(end("never"), undefined);
});

test("words are sent without the blanks around, or not at all; plain Available has no end", () => {
    const draft = (entries) => draftOf({ ...entriesOf({ state: "available" }, now), ...entries }, { state: "available" }, now);
    assert.deepEqual(draft({ text: "  Lunch ", state: "absent" }), { state: "absent", text: "Lunch", until: undefined });
    assert.equal(draft({ text: "   ", until: "hour" }).until, undefined);
    assert.ok(draft({ text: "At my desk", until: "hour" }).until);
    assert.ok(draft({ state: "invisible", until: "hour" }).until);
});

test("what the server would refuse is said before", () => {
    const check = (entries) => checkPresence({ ...entriesOf({ state: "busy" }, now), ...entries }, now).map(({ field, key }) => `${field} ${key}`);
    assert.deepEqual(check({ text: "👍🏽".repeat(100) }), []);
    assert.deepEqual(check({ text: "x".repeat(101) }), ["text field.tooLongBy"]);
    assert.deepEqual(check({ until: "own", date: "", time: "10:00" }), ["until ownPresence.timeMissing"]);
    assert.deepEqual(check({ until: "own", date: "2026-05-03", time: "14:00" }), ["until ownPresence.timePast"]);
    assert.deepEqual(check({ until: "own", date: "2027-05-05", time: "14:00" }), ["until ownPresence.timeFar"]);
    assert.deepEqual(check({ until: "own", date: "2026-05-04", time: "14:00" }), []);
    assert.deepEqual(check({ until: "never", date: "", time: "" }), []);
});

/** An organization of so many, in pages of a hundred. */
function organization(count) {
    const asked = [];
    const people = Array.from({ length: count }, (_, index) => ({ account: `p${index}`, displayName: `Person ${index}` }));
    const ask = async ({ search = "", cursor = "0" }) => {
        asked.push(search || cursor);
        const found = people.filter(({ displayName }) => displayName.includes(search));
        const end = Number(cursor) + 100;
        return { items: found.slice(Number(cursor), end), nextCursor: end < found.length ? String(end) : undefined };
    };
    return { asked, list: new PeopleList(ask, "p1") };
}

const { signal } = new AbortController();

test("a small organization is read once and searched here, without oneself", async () => {
    const { asked, list } = organization(250);
    await list.read(signal);
    assert.deepEqual([list.people.length, list.isWhole, asked], [249, true, ["0", "100", "200"]]);
    assert.deepEqual((await list.find("son 24", signal)).people.map(({ account }) => account), ["p24", "p240", "p241", "p242", "p243", "p244", "p245", "p246", "p247", "p248", "p249"]);
    assert.equal(asked.length, 3);
});

test("of a large one only the first thousand are held, and the server finds the others", async () => {
    const { asked, list } = organization(2500);
    await list.read(signal);
    assert.deepEqual([list.people.length, list.isWhole, asked.length], [mostPeople - 1, false, 10]);
    assert.deepEqual(await list.find("Person 2499", signal), { people: [{ account: "p2499", displayName: "Person 2499" }], isWhole: true });
    assert.equal(asked.at(-1), "Person 2499");
    assert.equal((await list.find("", signal)).people.length, mostPeople - 1);
    const some = await list.find("Person 24", signal);
    assert.deepEqual([some.people.length, some.isWhole], [100, false], "there are more than the server says at once");
});

test("what is searched here is found as the server finds it: whatever the case and composition, without blanks around", async () => {
    const list = new PeopleList(async () => ({ items: [{ account: "p2", displayName: "Jo Stra\u00dfe" }, { account: "p3", displayName: "Zo\u00eb" }] }), "p1");
    await list.read(signal);
    const names = (text) => list.search(text).people.map(({ account }) => account);
    assert.deepEqual([names("STRASSE"), names("zoe\u0308"), names("  jo "), names("x")], [["p2"], ["p3"], ["p2"], []]);
});
