import assert from "node:assert/strict";
import { test } from "node:test";
import { codeText, errorText, reasonText } from "../public/assets/lib/errors.js";
import { ApiError } from "../public/assets/lib/api.js";
import { setLanguage } from "../public/assets/lib/i18n.js";
import { clockText, durationText, relativeText } from "../public/assets/lib/time.js";

const now = new Date(2025, 2, 14, 9, 0).getTime();
const ago = (hours) => now - hours * 3_600_000;

test("times are told as people say them", () => {
    setLanguage("en");
    assert.equal(relativeText(ago(0.5), now), "30 minutes ago");
    assert.equal(relativeText(ago(5), now), "5 hours ago");
    assert.equal(relativeText(ago(34), now), "2 days ago");
    assert.equal(relativeText(ago(26), now), "yesterday");
    setLanguage("de");
    assert.equal(relativeText(ago(26), now), "gestern");
});

test("waits are rounded up", () => {
    setLanguage("en");
    assert.equal(durationText(1), "1 second");
    assert.equal(durationText(91), "2 minutes");
    assert.equal(clockText(3_723_000), "1:02:03");
    assert.equal(clockText(65_000), "01:05");
});

test("errors are sentences, with the time to wait", () => {
    setLanguage("en");
    assert.equal(codeText("pin_locked", 120), "There were too many wrong PINs. Try again in 2 minutes.");
    assert.equal(errorText(new ApiError(503, "a_new_code")), codeText("internal_error"));
    assert.equal(reasonText("too_long", { max: 80 }), "At most 80 characters, please.");
});
