import assert from "node:assert/strict";
import { test } from "node:test";
import { timesText } from "../public/assets/app/meetings/times-text.js";
import { setLanguage } from "../public/assets/lib/i18n.js";

const at = (day, hour, minute) => new Date(2025, 2, day, hour, minute).toISOString();

test("the times of a meeting within a day stand alone; over midnight each has its day", () => {
    setLanguage("de");
    assert.equal(timesText([at(14, 9, 0), at(14, 23, 59)])(at(14, 9, 0)), "09:00");
    const text = timesText([at(14, 23, 30), undefined, at(15, 0, 30)]);
    assert.equal(text(at(14, 23, 30)), "14. März, 23:30");
    assert.equal(text(at(15, 0, 30)), "15. März, 00:30");
    assert.equal(timesText([undefined])(at(14, 9, 0)), "09:00");
});
