import assert from "node:assert/strict";
import { test } from "node:test";
import { endingOf } from "../public/assets/room/protocol/close-codes.js";
import { characters, closeCodes, errorCodes, fieldReasons, limits, mayReconnect } from "../public/assets/lib/limits.js";

test("the tables can't be changed", () => {
    for (const table of [limits, closeCodes, errorCodes, fieldReasons, limits.pin]) assert.ok(Object.isFrozen(table));
});

test("a client comes back after a broken connection and codes 44xx, not after 45xx", () => {
    const back = Object.entries(closeCodes).filter(([, code]) => mayReconnect(code)).map(([name]) => name);
    assert.deepEqual(back, ["goingAway", "internalError", "serviceRestart", "helloTimeout", "slow", "tooManyMessages", "unavailable", "seatLost"]);
    assert.ok(mayReconnect(1006) && mayReconnect(1005));
});

test("characters are counted as people see them", () => {
    assert.equal(characters("e\u0301👍🏽"), 2);
});

test("whose session has ended is told so in the meeting", () => {
    assert.deepEqual(endingOf(closeCodes.signedOut), { kind: "ended", reason: "signed_out" });
});
