import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { language, setLanguage } from "../public/assets/lib/i18n.js";
import { applyProfile, draftOf, OwnProfile } from "../public/assets/lib/own-profile.js";
import { preferences } from "../public/assets/lib/preferences.js";

const profile = {
    account: "a", userName: "ada", displayName: "Ada", origin: "local", passwordMinimum: 15, hasSecondFactor: false, needsSecondFactor: false,
    recoveryCodesLeft: 0, presenceInMeetings: "busy", showsPresence: true, appearance: "standard", notifications: ["chat"],
};

/** A server that keeps a profile. */
function server(signedIn = true) {
    let stored = profile;
    const drafts = [];
    return {
        drafts,
        signedIn,
        profile: {
            read: async () => stored,
            change: async (draft) => {
                drafts.push(draft);
                await null;
                stored = { ...stored, ...draft };
                return stored;
            },
        },
    };
}

beforeEach(() => {
    globalThis.document = { documentElement: { dataset: {} }, querySelector: () => null, querySelectorAll: () => [] };
});

test("a part is sent with the rest of what a person sets, and nothing else; the name only when it is that part", () => {
    assert.deepEqual(Object.keys(draftOf(profile, { appearance: "dark" })).sort(), [
        "appearance", "avatarColor", "language", "notifications", "presenceInMeetings", "showsPresence",
    ]);
    assert.equal(draftOf(profile, { displayName: "Ada L." }).displayName, "Ada L.");
    assert.equal(draftOf({ ...profile, language: "de" }, { language: undefined }).language, undefined);
});

test("two changes at once do not undo each other", async () => {
    const own = new OwnProfile(server());
    await Promise.all([own.change({ appearance: "dark" }), own.change({ showsPresence: false })]);
    assert.deepEqual([own.current.appearance, own.current.showsPresence], ["dark", false]);
});

test("a change that failed keeps no other from being made", async () => {
    const source = server();
    const own = new OwnProfile(source);
    const { change } = source.profile;
    source.profile.change = async () => {
        source.profile.change = change;
        throw new Error("away");
    };
    await assert.rejects(own.change({ appearance: "dark" }));
    assert.equal((await own.change({ appearance: "bright" })).appearance, "bright");
});

test("a switch is kept in the profile of who is signed in, and of nobody else", async () => {
    for (const signedIn of [true, false, null]) {
        const source = server(signedIn);
        const own = new OwnProfile(source);
        own.keep({ appearance: "dark" });
        await new Promise((resolve) => setTimeout(resolve));
        assert.equal(source.drafts.length, signedIn ? 1 : 0);
    }
});

test("the profile's language and appearance win over the browser's; without a language, that stays", () => {
    setLanguage("en");
    preferences.appearance = "bright";
    applyProfile({ ...profile, language: "de", appearance: "dark" });
    assert.deepEqual([language(), preferences.appearance], ["de", "dark"]);
    applyProfile({ ...profile, appearance: "standard" });
    assert.deepEqual([language(), preferences.appearance], ["de", "standard"]);
});

test("the organization's language is taken where neither the person nor this browser has one", () => {
    setLanguage("en");
    applyProfile({ ...profile, defaultLanguage: "de" });
    assert.equal(language(), "en", "it was chosen here");
    preferences.language = "";
    applyProfile({ ...profile, defaultLanguage: "de" });
    assert.equal(language(), "de");
    applyProfile({ ...profile, defaultLanguage: "en" });
    assert.equal(language(), "en", "the first one was nobody's choice");
});

test("what was chosen while the profile was being read is not undone", async () => {
    const source = server();
    const own = new OwnProfile(source);
    const { read } = source.profile;
    let arrive = () => {};
    source.profile.read = async () => {
        source.profile.read = read;
        const old = await read();
        await new Promise((resolve) => (arrive = resolve));
        return old;
    };
    const reading = own.load();
    await own.change({ appearance: "dark" });
    arrive();
    assert.equal((await reading).appearance, "dark");
});

test("who asks for the profile at the same time shares one request", async () => {
    const source = server();
    let asked = 0;
    source.profile.read = async () => ((asked += 1), profile);
    const own = new OwnProfile(source);
    await Promise.all([own.load(), own.load()]);
    await own.load();
    assert.equal(asked, 2);
});
