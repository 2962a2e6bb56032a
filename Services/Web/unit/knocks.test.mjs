import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";
import en from "../public/assets/i18n/room.en.js";
import { register, setLanguage } from "../public/assets/lib/i18n.js";
import { announceKnocks } from "../public/assets/room/meeting/knocks.js";

register({ en });

/** What is on the page, and how often it was knocked. */
function listen(isOpen = false) {
    const meeting = Object.assign(new EventTarget(), { lobby: [] });
    const controller = new AbortController();
    /** @type {string[]} */
    const said = [];
    let knocks = 0;
    const say = (text, { action }) => {
        const entry = action ? `${text} [${action.label}]` : text;
        said.push(entry);
        return () => said.includes(entry) && said.splice(said.indexOf(entry), 1);
    };
    announceKnocks(meeting, { open: () => {}, isOpen: () => isOpen, play: () => (knocks += 1), say }, controller.signal);
    return {
        said,
        knocks: () => knocks,
        wait: (...names) => {
            meeting.lobby = names.map((name) => ({ id: name, name }));
            meeting.dispatchEvent(new Event("change"));
        },
        leave: () => controller.abort(),
    };
}

describe("announceKnocks", () => {
    beforeEach(() => {
        setLanguage("en");
        mock.timers.reset();
        mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    });

    test("who knocks is named once, and no longer when that was answered", () => {
        const page = listen();
        page.wait("Gina");
        page.wait("Gina");
        assert.deepEqual([page.said, page.knocks()], [["Gina wants to come in [Show]"], 1]);
        page.wait();
        assert.deepEqual(page.said, []);
    });

    test("a number that is wrong is taken away while others go on waiting", () => {
        const page = listen(true);
        page.wait("Gina", "Hugo");
        assert.deepEqual(page.said, ["2 people want to come in"]);
        page.wait("Hugo");
        assert.deepEqual(page.said, []);
        mock.timers.tick(60_000);
        assert.deepEqual([page.said, page.knocks()], [[], 1]);
    });

    test("who comes soon after another is told of later, if still there; the one before is taken away at once", () => {
        const page = listen();
        page.wait("Gina");
        page.wait("Gina", "Hugo");
        page.wait("Hugo");
        assert.deepEqual([page.said, page.knocks()], [[], 1]);
        mock.timers.tick(10_000);
        assert.deepEqual([page.said, page.knocks()], [["Hugo wants to come in [Show]"], 2]);
        page.wait("Hugo", "Ida");
        page.wait("Hugo");
        mock.timers.tick(10_000);
        assert.equal(page.knocks(), 2);
    });

    test("who went and knocks again is told of again", () => {
        const page = listen();
        page.wait("Gina");
        page.wait();
        mock.timers.tick(10_000);
        page.wait("Gina");
        assert.equal(page.knocks(), 2);
    });

    test("the end of the meeting takes back what was said", () => {
        const page = listen();
        page.wait("Gina");
        page.leave();
        assert.deepEqual(page.said, []);
    });
});
