import assert from "node:assert/strict";
import { test } from "node:test";
import { countDown, secondsLeft } from "../public/assets/lib/countdown.js";

/** A clock that only moves when told; `pass` lets the timer of the countdown go off each quarter of a second. */
function time() {
    let now = 1_000_000;
    let work = null;
    return {
        options: { clock: () => now, every: (run) => ((work = run), () => (work = null)) },
        pass(milliseconds) {
            for (const end = now + milliseconds; now < end; ) {
                now = Math.min(end, now + 250);
                work?.();
            }
        },
        sleep(milliseconds) {
            now += milliseconds;
            work?.();
        },
        get runs() {
            return work !== null;
        },
    };
}

test("seconds are rounded up and never less than none", () => {
    assert.deepEqual([1, 999, 1000, 1001].map((left) => secondsLeft(5000 + left, 5000)), [1, 1, 1, 2]);
    assert.equal(secondsLeft(5000, 9000), 0);
});

test("each second is told once, and the end once", () => {
    const clock = time();
    const told = [];
    countDown(3, { tick: (left) => told.push(left), done: () => told.push("done") }, clock.options);
    clock.pass(5000);
    assert.deepEqual(told, [3, 2, 1, "done"]);
    assert.ok(!clock.runs);
});

test("a computer that slept does not wait any longer", () => {
    const clock = time();
    const told = [];
    countDown(60, { tick: (left) => told.push(left), done: () => told.push("done") }, clock.options);
    clock.sleep(3_600_000);
    assert.deepEqual(told, [60, "done"]);
});

test("a stopped countdown says nothing more", () => {
    const clock = time();
    const told = [];
    const stop = countDown(3, { tick: (left) => told.push(left), done: () => told.push("done") }, clock.options);
    stop();
    clock.pass(5000);
    assert.deepEqual(told, [3]);
});
