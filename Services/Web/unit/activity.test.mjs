import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity } from "../public/assets/app/presence/activity.js";
import { limits } from "../public/assets/lib/limits.js";

class Page extends EventTarget {
    hidden = false;

    say(name) {
        this.dispatchEvent(new Event(name));
    }
}

function begin(t, hidden = false) {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const page = new Page();
    page.hidden = hidden;
    const activity = new Activity({ page });
    const said = [];
    activity.addEventListener("change", () => said.push(activity.isActive));
    activity.start();
    const pass = (seconds) => t.mock.timers.tick(seconds * 1000);
    return { page, activity, said, pass };
}

test("who has just loaded a page is there, and gone from the device after five minutes without a touch", (t) => {
    const { activity, said, pass } = begin(t);
    assert.equal(activity.isActive, true);
    pass(limits.inactivity - 1);
    assert.equal(activity.isActive, true);
    pass(1);
    assert.deepEqual(said, [true, false]);
});

test("every kind of touch counts, from the last one on", (t) => {
    const { page, activity, said, pass } = begin(t);
    for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"]) {
        pass(200);
        page.say(sign);
    }
    pass(299);
    assert.equal(activity.isActive, true);
    pass(1);
    assert.deepEqual(said, [true, false]);
});

test("the first touch brings back", (t) => {
    const { page, said, pass } = begin(t);
    pass(1000);
    page.say("keydown");
    assert.deepEqual(said, [true, false, true]);
    pass(300);
    assert.deepEqual(said, [true, false, true, false]);
});

test("a page that is not seen is not used; bringing it to the front is use", (t) => {
    const { page, activity, said, pass } = begin(t, true);
    assert.equal(activity.isActive, false);
    page.say("pointermove");
    assert.equal(activity.isActive, false);
    page.hidden = false;
    page.say("visibilitychange");
    assert.equal(activity.isActive, true);
    page.hidden = true;
    page.say("visibilitychange");
    pass(150);
    page.say("pointermove");
    pass(150);
    assert.deepEqual(said, [true, false]);
});

test("after the end nothing is told", (t) => {
    const { page, activity, said, pass } = begin(t);
    activity.stop();
    page.say("keydown");
    pass(1000);
    assert.deepEqual(said, [true]);
});
