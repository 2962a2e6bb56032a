import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { SlotPlan } from "../public/assets/room/media/slot-plan.js";

const slots = [
    { mid: "0", kind: "screen" }, { mid: "1", kind: "video" }, { mid: "2", kind: "video" }, { mid: "3", kind: "audio" },
];
const camera = (participant, layer = 2) => ({ participant, source: "camera", layer });

describe("SlotPlan", () => {
    test("people get free slots of the right kind", () => {
        const plan = new SlotPlan(slots);
        assert.deepEqual(plan.change([{ participant: "s", source: "screen", layer: 2 }, camera("a")]), [
            { mid: "0", participant: "s", source: "screen", layer: 2 },
            { mid: "1", participant: "a", source: "camera", layer: 2 },
        ]);
    });

    test("what has not changed is not asked for again", () => {
        const plan = new SlotPlan(slots);
        plan.change([camera("a")]);
        assert.deepEqual(plan.change([camera("a")]), []);
        assert.deepEqual(plan.change([camera("a", 0)]), [{ mid: "1", participant: "a", source: "camera", layer: 0 }]);
    });

    test("somebody in a slot stays in it, whatever the order", () => {
        const plan = new SlotPlan(slots);
        plan.change([camera("a"), camera("b")]);
        assert.deepEqual(plan.change([camera("b"), camera("a")]), []);
        assert.deepEqual(plan.change([camera("c"), camera("b")]), [{ mid: "1", participant: "c", source: "camera", layer: 2 }]);
    });

    test("an empty slot is taken before one that still shows somebody", () => {
        const plan = new SlotPlan(slots);
        plan.change([camera("a"), camera("b")]);
        plan.change([camera("b")]);
        assert.deepEqual(plan.change([camera("c")]), [
            { mid: "1", participant: "c", source: "camera", layer: 2 }, { mid: "2" },
        ]);
    });

    test("more people than slots: the first ones count", () => {
        const plan = new SlotPlan(slots);
        const wishes = plan.change([camera("a"), camera("b"), camera("c")]);
        assert.deepEqual(wishes.map(({ participant }) => participant), ["a", "b"]);
    });

    test("a doubtful slot is asked for again, in the same place, also when it should be empty", () => {
        const plan = new SlotPlan(slots);
        plan.change([camera("a"), camera("b")]);
        plan.doubt("2");
        assert.deepEqual(plan.change([camera("a"), camera("b")]), [{ mid: "2", participant: "b", source: "camera", layer: 2 }]);
        plan.change([]);
        plan.doubt("1");
        assert.deepEqual(plan.change([]), [{ mid: "1" }]);
        assert.deepEqual(plan.change([]), []);
    });
});
