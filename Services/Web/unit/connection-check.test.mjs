import assert from "node:assert/strict";
import { test } from "node:test";
import { qualityOf } from "../public/assets/room/pages/connection-check.js";

test("a connection is as good as both its ways", () => {
    assert.equal(qualityOf(20, true), "good");
    assert.equal(qualityOf(300, true), "slow");
    assert.equal(qualityOf(20, false), "blocked");
    assert.equal(qualityOf(null, true), "away");
    assert.equal(qualityOf(null, false), "away");
});
