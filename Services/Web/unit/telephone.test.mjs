import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTokenName } from "../public/assets/app/admin/telephone-rules.js";

test("a token has a name, of 80 characters at most", () => {
    assert.equal(checkTokenName("Telephone system"), null);
    for (const empty of ["", "  "]) assert.equal(checkTokenName(empty), "missing");
    assert.equal(checkTokenName(`  ${"👍🏽".repeat(80)}  `), null);
    assert.equal(checkTokenName("x".repeat(81)), "too_long");
});
