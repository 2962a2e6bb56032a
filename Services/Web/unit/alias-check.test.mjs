import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { aliasCheck } from "../public/assets/app/rooms/alias-check.js";
import { Api, ApiError } from "../public/assets/lib/api.js";

/** A check whose server is `answer`, with what was shown and what the server was asked. */
function checkWith(answer, own = "") {
    mock.timers.enable({ apis: ["setTimeout"] });
    const [shown, asked] = [[], []];
    const check = aliasCheck({
        own,
        look: async (alias, signal) => {
            asked.push(alias);
            return answer(alias, signal);
        },
        show: (state, reason) => shown.push(reason ?? state),
    });
    return { check, shown, asked };
}

/** Until nothing more is typed, and the server has answered. */
async function pause() {
    mock.timers.tick(1_000);
    mock.timers.reset();
    await settle();
}

/** Until all has happened that waits for nothing. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("what is typed at once is asked for once", async () => {
    const { check, shown, asked } = checkWith(() => ({ available: true }));
    for (const alias of ["tea", "team", "team-1"]) check.start(alias);
    await pause();
    assert.deepEqual(asked, ["team-1"]);
    assert.deepEqual([shown.at(-1), check.refusal], ["free", null]);
});

test("a refusal stays until something else is typed", async () => {
    const { check, shown } = checkWith(() => ({ available: false, reason: "taken" }));
    check.start("team");
    await pause();
    assert.deepEqual([shown.at(-1), check.refusal], ["taken", "taken"]);
    check.start("");
    assert.deepEqual([shown.at(-1), check.refusal], [null, null]);
});

test("the room's own alias, none, and what can't be one are not asked for", async () => {
    for (const [alias, last] of [["own", null], ["", null], ["-x", "bad_format"]]) {
        const { check, shown, asked } = checkWith(() => ({ available: false }), "own");
        check.start(alias);
        await pause();
        assert.deepEqual([asked, shown.at(-1), check.refusal], [[], last, null], alias);
    }
});

test("a look-up that fails is not the person's mistake", async () => {
    const { check, shown } = checkWith(() => {
        throw new ApiError(503, "unavailable");
    });
    check.start("team");
    await pause();
    assert.deepEqual([shown.at(-1), check.refusal], [null, null]);
});

test("an answer that comes after the next letter says nothing", async () => {
    let answer = (_) => {};
    const { check, shown } = checkWith(() => new Promise((resolve) => (answer = resolve)));
    check.start("team");
    await pause();
    check.stop();
    answer({ available: false, reason: "taken" });
    await settle();
    assert.deepEqual([shown.at(-1), check.refusal], ["checking", null]);
});

test("the server is told which room is edited", async () => {
    const paths = [];
    const json = (body) => new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
    const api = new Api(async (path) => {
        paths.push(path);
        return json(path.endsWith("/token") ? { accessToken: "t", expiresAt: "2099-01-01T00:00:00.000Z" } : { alias: "team", available: true });
    });
    await api.aliasCheck("team", { room: "an-id" });
    await api.aliasCheck("team");
    assert.deepEqual(paths.filter((path) => path.includes("aliases")), ["/api/directory/aliases/team?room=an-id", "/api/directory/aliases/team"]);
});
