import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAppointment, draftOf, endsNextDay, entriesOf, matters, problemOf } from "../public/assets/app/appointments/appointment-rules.js";
import { recurrenceText, whenText } from "../public/assets/app/appointments/appointment-text.js";
import { isAddress, splitAddresses } from "../public/assets/app/invitations/addresses.js";
import { lengthText } from "../public/assets/app/meetings/length-text.js";
import de from "../public/assets/i18n/rooms.de.js";
import en from "../public/assets/i18n/rooms.en.js";
import { register, setLanguage } from "../public/assets/lib/i18n.js";

register({ en, de });
const now = Date.parse("2025-03-14T09:20:00Z");
const usual = { now, zone: "Europe/Berlin", language: "en", title: "", hasPIN: true };
const fresh = entriesOf(null, usual);
const problems = (more, options = { now, isNew: true }) => checkAppointment({ ...fresh, ...more }, options).map(({ field, key }) => `${field} ${key}`);

test("a new appointment is offered for the next full hour, in the own zone", () => {
    assert.deepEqual([fresh.date, fresh.from, fresh.to, fresh.timeZone], ["2025-03-14", "11:00", "12:00", "Europe/Berlin"]);
    assert.deepEqual([fresh.repeats, fresh.includesPIN, fresh.language], ["none", true, "en"]);
    const late = entriesOf(null, { ...usual, now: Date.parse("2025-03-14T21:30:00Z") });
    assert.deepEqual([late.date, late.from, late.to], ["2025-03-14", "23:00", "00:00"]);
    assert.equal(draftOf(late).end, "2025-03-15T00:00");
});

test("what is entered becomes wall-clock times and a recurrence", () => {
    assert.deepEqual(draftOf({ ...fresh, title: " Weekly " }), {
        title: "Weekly", start: "2025-03-14T11:00", end: "2025-03-14T12:00", timeZone: "Europe/Berlin", recurrence: undefined, invitees: [], includesPIN: true, language: "en",
    });
    assert.equal(draftOf(fresh).title, undefined);
    const recurrence = (more) => draftOf({ ...fresh, ...more }).recurrence;
    assert.deepEqual(recurrence({ repeats: "weekly" }), { frequency: "weekly" });
    assert.deepEqual(recurrence({ repeats: "biweekly", ends: "until", until: "2025-05-01" }), { frequency: "biweekly", until: "2025-05-01" });
    assert.deepEqual(recurrence({ repeats: "monthly", ends: "count", count: "12" }), { frequency: "monthly", count: 12 });
    assert.deepEqual(recurrence({ repeats: "none", ends: "count", count: "12" }), undefined);
});

test("an end before the beginning is taken for one on the next day; of the same time, the person says which day", () => {
    for (const nextDay of [true, false]) {
        assert.ok(endsNextDay({ from: "22:00", to: "01:00", nextDay }));
        assert.ok(!endsNextDay({ from: "09:00", to: "10:00", nextDay }));
        for (const times of [{ from: "10:00", to: "10:00" }, { from: "10:00", to: "" }, { from: "", to: "10:00" }]) {
            assert.equal(endsNextDay({ ...times, nextDay }), nextDay);
        }
    }
    assert.equal(draftOf({ ...fresh, date: "2025-12-31", from: "23:00", to: "00:30", nextDay: true }).end, "2026-01-01T00:30");
});

test("an appointment takes a day at most, by a watch", () => {
    const whole = { from: "12:00", to: "12:00", nextDay: true };
    assert.deepEqual(problems(whole), []);
    assert.equal(draftOf({ ...fresh, ...whole }).end, "2025-03-15T12:00");
    assert.deepEqual(problems({ ...whole, to: "12:01" }), ["to appointment.tooLong"]);
    assert.deepEqual(problems({ ...whole, nextDay: false }), ["to appointment.noTime"]);
    assert.deepEqual(problems({ from: "22:00", to: "01:00", nextDay: false }), ["to appointment.noTime"]);
    // The night in which the clocks go forward has an hour less, the one in which they go back has one more.
    assert.deepEqual(problems({ ...whole, date: "2025-03-29", to: "13:00" }), []);
    assert.deepEqual(problems({ ...whole, date: "2025-10-25" }), ["to appointment.tooLong"]);
    assert.deepEqual(problems({ ...whole, date: "2025-10-25", to: "11:00" }), []);
});

test("an appointment of a whole day comes back as it was entered", () => {
    const view = { title: "Watch", start: "2025-03-14T10:00", end: "2025-03-15T10:00", timeZone: "Europe/Berlin", invitees: [], includesPIN: false, language: "en" };
    assert.equal(draftOf(entriesOf(view, usual)).end, view.end);
    assert.deepEqual(checkAppointment(entriesOf(view, usual), { now, isNew: false }), []);
});

test("an appointment that was made comes back as it was entered", () => {
    const view = {
        id: "a", room: "r", title: "Weekly", start: "2025-03-14T22:00", end: "2025-03-15T01:00", timeZone: "Asia/Tokyo",
        recurrence: { frequency: "weekly", count: 5 }, invitees: ["ann@example.org"], includesPIN: false, language: "de", version: 3,
    };
    const { id, room, version, ...draft } = view;
    assert.deepEqual(draftOf(entriesOf(view, usual)), draft);
});

test("what can't be an appointment is said beside its field", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ date: "", from: "", to: "" }), ["date field.missing", "from field.missing", "to field.missing"]);
    assert.deepEqual(problems({ to: "11:00" }), ["to appointment.noTime"]);
    assert.deepEqual(problems({ timeZone: "Europe/Nowhere" }), ["timeZone appointment.noZone"]);
    assert.deepEqual(problems({ title: "x".repeat(81) }), ["title field.tooLongBy"]);
    assert.deepEqual(problems({ title: "x".repeat(81), to: "11:00" }), ["title field.tooLongBy", "to appointment.noTime"]);
});

test("a time that is over is refused for a new appointment, by the clock of its zone", () => {
    assert.deepEqual(problems({ from: "10:00" }), ["date appointment.past"]);
    assert.deepEqual(problems({ from: "10:00", timeZone: "America/New_York" }), []);
    assert.deepEqual(problems({ from: "10:00" }, { now, isNew: false }), []);
});

test("a series needs an end that can be", () => {
    const series = (more) => problems({ repeats: "weekly", ...more });
    assert.deepEqual(series({}), []);
    assert.deepEqual(series({ ends: "until", until: "2025-03-13" }), ["until appointment.untilBefore"]);
    assert.deepEqual(series({ ends: "until", until: "" }), ["until field.missing"]);
    for (const count of ["1", "731", "", "2.5", "two"]) assert.deepEqual(series({ ends: "count", count }), ["count appointment.countRange"], count);
    for (const count of ["2", "730"]) assert.deepEqual(series({ ends: "count", count }), [], count);
    assert.deepEqual(problems({ repeats: "none", ends: "count", count: "0" }), []);
});

test("how a series ends matters only for a series", () => {
    assert.ok(!matters("until", { repeats: "none", ends: "until" }) && !matters("ends", { repeats: "none", ends: "until" }));
    assert.ok(matters("until", { repeats: "weekly", ends: "until" }) && !matters("count", { repeats: "weekly", ends: "until" }));
    assert.ok(matters("title", { repeats: "none", ends: "never" }));
});

test("what the server refuses is shown at the field that it came from", () => {
    const shown = (field, reason, ends = "never") => {
        const problem = problemOf({ field, reason }, { ends });
        return `${problem.field} ${problem.key}`;
    };
    assert.equal(shown("start", "not_allowed"), "date appointment.noSuchTime");
    assert.equal(shown("end", "too_short"), "to appointment.noTime");
    assert.equal(shown("end", "too_long"), "to appointment.tooLong");
    assert.equal(shown("recurrence", "too_long", "until"), "until appointment.tooOften");
    assert.equal(shown("recurrence", "too_short", "count"), "count field.too_short");
    assert.equal(shown("invitees", "bad_format"), "invitees field.bad_format");
    assert.equal(shown("timeZone", "bad_format"), "timeZone field.bad_format");
});

test("a recurrence is told in words", () => {
    setLanguage("en");
    assert.equal(recurrenceText(undefined), "Once");
    assert.equal(recurrenceText({ frequency: "biweekly" }), "Every two weeks");
    assert.equal(recurrenceText({ frequency: "weekly", until: "2025-05-03" }), "Every week, until May 3, 2025");
    assert.equal(recurrenceText({ frequency: "daily", count: 3 }), "Every day, 3 times");
    setLanguage("de");
    assert.equal(recurrenceText({ frequency: "monthly", until: "2025-05-03" }), "Monatlich, bis 03.05.2025");
});

test("an appointment that is over tells when it was", () => {
    setLanguage("de");
    assert.match(whenText({ start: "2020-01-07T10:00", end: "2020-01-07T11:00", timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }), /7\. Januar 2020 10:00 – 11:00$/);
});

test("in a time zone that nobody knows here an appointment tells what was set, and in which zone", () => {
    setLanguage("de");
    assert.match(whenText({ start: "2020-01-07T10:00", end: "2020-01-07T11:00", timeZone: "Mars/Olympus" }), /7\. Januar 2020 10:00 – 11:00 \(Mars\/Olympus\)$/);
});

test("addresses are taken as people paste them", () => {
    const { added, left } = splitAddresses("Ann B <ann@example.org>, bob@example.org; CARL@example.org dora@example.org\nnobody, bob@example.org", ["carl@example.org"]);
    assert.deepEqual(added, ["ann@example.org", "bob@example.org", "dora@example.org"]);
    assert.deepEqual(left, ["nobody"]);
});

test("what is no address is not taken for one", () => {
    for (const text of ["a@b", "first.last+tag@sub.example.org", "jörg@müller.example"]) assert.ok(isAddress(text), text);
    for (const text of ["a", "@b", "a@", "a@b@c", "a b@c", "<a@b>", "a@b.", "a@.b", `${"a".repeat(250)}@example.org`]) assert.ok(!isAddress(text), text);
});

test("a meeting's length is told in hours and minutes", () => {
    setLanguage("en");
    assert.equal(lengthText(5_000), "1 min");
    assert.equal(lengthText(65 * 60_000), "1 h 5 min");
});
