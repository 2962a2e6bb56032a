import assert from "node:assert/strict";
import { test } from "node:test";
import { setLanguage } from "../public/assets/lib/i18n.js";
import { spanText, startText } from "../public/assets/lib/occurrence.js";
import { dayAfter, instantOf, isZone, sameClock, wallTime, zoneCity } from "../public/assets/lib/zones.js";

// A Friday.
const here = { now: Date.parse("2025-03-14T09:00:00Z"), zone: "Europe/Berlin" };
const at = (start, end = start, timeZone = "Europe/Berlin") => ({ start, end, timeZone });

test("a start is told by the day as people call it", () => {
    setLanguage("de");
    assert.equal(startText(at("2025-03-14T13:00:00Z"), here), "heute 14:00");
    assert.equal(startText(at("2025-03-15T09:00:00Z"), here), "morgen 10:00");
    assert.equal(startText(at("2025-03-18T09:00:00Z"), here), "Dienstag 10:00");
    assert.equal(startText(at("2025-03-21T09:00:00Z"), here), "Fr., 21. März 10:00");
    assert.equal(startText(at("2026-03-17T09:00:00Z"), here), "Di., 17. März 2026 10:00");
    setLanguage("en");
    assert.equal(startText(at("2025-03-18T09:00:00Z"), here).replace("\u202f", " "), "Tuesday 10:00 AM");
});

test("what is made in another zone is told in the own clocks, and in those", () => {
    setLanguage("de");
    assert.equal(startText(at("2025-03-18T09:00:00Z", "", "Europe/London"), here), "Dienstag 10:00 (09:00 in London)");
    assert.equal(startText(at("2025-03-18T21:00:00Z", "", "Asia/Tokyo"), here), "Dienstag 22:00 (Mittwoch 06:00 in Tokyo)");
    // The clocks show the same, so there is nothing to tell.
    assert.equal(startText(at("2025-03-18T09:00:00Z", "", "Europe/Paris"), here), "Dienstag 10:00");
    // A browser with an older list of zones.
    assert.equal(startText(at("2025-03-18T09:00:00Z", "", "Europe/Atlantis"), here), "Dienstag 10:00");
});

test("a span names the last day only where it is another one", () => {
    setLanguage("de");
    assert.equal(spanText(at("2025-03-14T13:00:00Z", "2025-03-14T14:30:00Z"), here), "heute 14:00 – 15:30");
    assert.equal(spanText(at("2025-03-14T22:00:00Z", "2025-03-15T00:30:00Z"), here), "heute 23:00 – Samstag 01:30");
});

test("wall clocks and instants belong together, over a change of the clocks", () => {
    for (const [date, time, zone, instant] of [
        ["2025-03-29", "10:00", "Europe/Berlin", "2025-03-29T09:00:00Z"],
        ["2025-03-30", "10:00", "Europe/Berlin", "2025-03-30T08:00:00Z"],
        ["2025-03-30", "01:30", "Europe/Berlin", "2025-03-30T00:30:00Z"],
        ["2025-07-01", "00:00", "Asia/Kolkata", "2025-06-30T18:30:00Z"],
        ["2025-07-01", "00:00", "America/New_York", "2025-07-01T04:00:00Z"],
    ]) {
        assert.equal(instantOf(date, time, zone), Date.parse(instant), `${date} ${time} ${zone}`);
        assert.deepEqual(wallTime(Date.parse(instant), zone), { date, time });
    }
    assert.ok(sameClock(here.now, "Europe/Berlin", "Europe/Rome") && !sameClock(here.now, "Europe/Berlin", "UTC"));
});

test("zones are names, not offsets", () => {
    for (const zone of ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"]) assert.ok(isZone(zone), zone);
    for (const zone of ["", "+01:00", "Europe/Nowhere", "Berlin time"]) assert.ok(!isZone(zone), zone);
    assert.equal(zoneCity("America/Argentina/Buenos_Aires"), "Buenos Aires");
    assert.equal(dayAfter("2024-02-28", 1), "2024-02-29");
    assert.equal(dayAfter("2025-01-01", -1), "2024-12-31");
});
