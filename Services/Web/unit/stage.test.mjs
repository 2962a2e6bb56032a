import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { arrange } from "../public/assets/room/meeting/grid-layout.js";
import { linkify } from "../public/assets/room/meeting/linkify.js";
import { TileOrder } from "../public/assets/room/meeting/tile-order.js";
import { SpeakingMemory } from "../public/assets/room/media/levels.js";

/** Whether two rectangles share some space. */
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("arrange", () => {
    for (const [name, width, height] of [["desktop", 1256, 680], ["telephone", 374, 690], ["telephone held across", 820, 290]]) {
        test(`any number of people and screens fits on a ${name}, and nothing covers anything`, () => {
            for (let people = 1; people <= 50; people += 1) for (const screens of [0, 1, 2]) check(width, height, people, screens);
        });
    }

    function check(width, height, people, screens) {
        const { tiles, screens: shared, capacity } = arrange({ width, height, people, screens, most: 12 });
        assert.equal(tiles.length, Math.min(people, capacity));
        assert.equal(shared.length, screens);
        const all = [...tiles, ...shared];
        for (const [index, rect] of all.entries()) {
            assert.ok(rect.x >= -1 && rect.y >= -1 && rect.x + rect.width <= width + 1 && rect.y + rect.height <= height + 1);
            assert.ok(rect.width > 60 && rect.height > 60);
            assert.ok(!all.slice(index + 1).some((other) => overlap(rect, other)));
        }
    }

    test("six people on a telephone stand in two columns", () => {
        const { tiles } = arrange({ width: 374, height: 690, people: 6, screens: 0, most: 8 });
        assert.equal(new Set(tiles.map(({ x }) => x)).size, 2);
    });
});

describe("TileOrder", () => {
    test("places are kept when people come and go", () => {
        const order = new TileOrder();
        order.update(["a", "b", "c"]);
        assert.deepEqual(order.update(["b", "c", "d"]), ["b", "c", "d"]);
    });

    test("who speaks on a later page changes places with the quietest on the first", () => {
        const order = new TileOrder();
        order.update(["a", "b", "c", "d"]);
        assert.equal(order.heard(["a"], 2), false);
        assert.equal(order.heard(["d"], 2), true);
        assert.deepEqual(order.update(["a", "b", "c", "d"]), ["a", "d", "c", "b"]);
    });
});

describe("SpeakingMemory", () => {
    test("a short pause does not end speaking, a longer one does", () => {
        const memory = new SpeakingMemory();
        const loud = new Map([["a", 0.2]]);
        const silence = new Map([["a", 0]]);
        assert.deepEqual([...memory.hear(loud)], ["a"]);
        assert.deepEqual([...memory.hear(silence)], ["a"]);
        assert.deepEqual([...memory.hear(silence)], ["a"]);
        assert.deepEqual([...memory.hear(silence)], []);
    });
});

describe("linkify", () => {
    const links = (text) => linkify(text).filter(({ href }) => href).map(({ href }) => href);

    test("web addresses become links, without the full stop after them", () => {
        assert.deepEqual(links("See https://example.org/a?b=1. And (http://example.com)!"), ["https://example.org/a?b=1", "http://example.com/"]);
        assert.deepEqual(links("https://example.org/q(1)"), ["https://example.org/q(1)"]);
    });

    test("nothing else does", () => {
        for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "https://", "<b>x</b>", "xhttps://a.b"]) {
            assert.deepEqual(links(text), []);
        }
    });

    test("no character is lost", () => {
        const text = "a https://example.org/x, b\nhttps://example.com (c)";
        assert.equal(linkify(text).map((part) => part.text).join(""), text);
    });
});
