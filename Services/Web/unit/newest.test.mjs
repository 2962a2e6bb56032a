import assert from "node:assert/strict";
import { test } from "node:test";
import { Newest } from "../public/assets/lib/newest.js";

test("of two requests only the newer one counts, whichever is answered first", () => {
    const reads = new Newest();
    const older = reads.begin();
    assert.ok(older());
    const newer = reads.begin();
    assert.ok(!older());
    assert.ok(newer());
});

test("what was asked before a change does not count after it", () => {
    const reads = new Newest();
    const before = reads.begin();
    reads.begin();
    assert.ok(!before());
    assert.ok(reads.begin()());
});
