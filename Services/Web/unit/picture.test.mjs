import assert from "node:assert/strict";
import { test } from "node:test";
import { halvings, middleSquare, qualities, smallEnough } from "../public/assets/app/profile/picture-rules.js";

test("a picture is cut to the square in its middle", () => {
    assert.deepEqual(middleSquare(400, 300), { x: 50, y: 0, side: 300 });
    assert.deepEqual(middleSquare(301, 400), { x: 0, y: 49, side: 301 });
    assert.deepEqual(middleSquare(16, 16), { x: 0, y: 0, side: 16 });
});

test("it becomes small in steps of at most a half", () => {
    assert.deepEqual(halvings(4000, 256), [2000, 1000, 500, 256]);
    assert.deepEqual(halvings(512, 256), [256]);
    assert.deepEqual(halvings(100, 256), [256]);
});

test("the best quality that is small enough is taken", async () => {
    const sizes = { 0.9: 90_000, 0.8: 60_000, 0.65: 40_000 };
    const tried = [];
    const picture = await smallEnough(async (type, quality) => {
        tried.push(quality);
        return { type, size: sizes[quality] ?? 1 };
    }, 49_152);
    assert.deepEqual(picture, { type: "image/webp", size: 40_000 });
    assert.deepEqual(tried, [0.9, 0.8, 0.65]);
});

test("a browser that writes no WebP writes JPEG, and one that writes neither, nothing", async () => {
    const only = (kinds) => async (type, quality) => ({ type: kinds.includes(type) ? type : "image/png", size: 1, quality });
    assert.equal((await smallEnough(only(["image/jpeg"]), 10)).type, "image/jpeg");
    assert.equal(await smallEnough(only([]), 10), null);
    assert.equal(await smallEnough(async () => null, 10), null);
});

test("what can't be made small enough is no picture", async () => {
    let tried = 0;
    assert.equal(await smallEnough(async (type) => ((tried += 1), { type, size: 50_000 }), 49_152), null);
    assert.equal(tried, 2 * qualities.length);
});
