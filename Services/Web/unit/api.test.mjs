import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError } from "../public/assets/lib/api.js";

const now = Date.parse("2025-01-01T00:00:00Z");
const json = (body, status = 200, headers = {}) =>
    new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const problem = (status, code, more = {}) =>
    json({ type: "about:blank", title: code, status, code, ...more }, status, { "Content-Type": "application/problem+json" });
const token = (name) => json({ accessToken: name, expiresAt: "2025-01-01T00:05:00.000Z" }, 201);

/** An Api whose server is `answer`; it records what was asked. */
function apiWith(answer, clock = () => now) {
    const calls = [];
    const api = new Api(async (path, init) => {
        const call = { path, method: init.method, headers: init.headers, body: init.body && JSON.parse(init.body) };
        calls.push(call);
        return answer(call);
    }, clock);
    return { api, calls };
}

const failure = (promise) => promise.then(() => assert.fail("it worked"), (error) => error);

test("a problem document becomes an error with code, fields and waiting time", async () => {
    const fields = [{ field: "alias", reason: "taken" }];
    const { api } = apiWith(() => problem(429, "pin_locked", { fields, retryAfter: 60 }));
    const error = await failure(api.session());
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, error.fields, error.retryAfter], [429, "pin_locked", fields, 60]);
});

test("an answer without problem document is named by its status", async () => {
    const html = (status, headers) => () => new Response("<h1>no</h1>", { status, headers: { "Content-Type": "text/html", ...headers } });
    const codes = { 400: "bad_request", 404: "not_found", 412: "precondition_failed", 418: "bad_request", 500: "internal_error", 502: "unavailable" };
    for (const [status, code] of Object.entries(codes)) {
        assert.equal((await failure(apiWith(html(Number(status))).api.session())).code, code);
    }
    const error = await failure(apiWith(html(503, { "Retry-After": "7" })).api.session());
    assert.deepEqual([error.code, error.retryAfter], ["unavailable", 7]);
    assert.equal((await failure(apiWith(() => new Response("{", { status: 409, headers: { "Content-Type": "application/json" } })).api.session())).code, "conflict");
});

test("no answer is the error `network`", async () => {
    const { api } = apiWith(() => {
        throw new TypeError("Failed to fetch");
    });
    const error = await failure(api.session());
    assert.deepEqual([error.status, error.code], [0, "network"]);
});

test("nobody signed in is no error", async () => {
    const { api } = apiWith(() => problem(401, "unauthenticated"));
    assert.equal(await api.session(), null);
});

test("one access token serves until it is about to end, and is asked for once by many", async () => {
    let time = now;
    let count = 0;
    const { api, calls } = apiWith(({ path }) => (path.endsWith("/token") ? token(`t${(count += 1)}`) : json({ items: [] })), () => time);
    await Promise.all([api.features(), api.rooms.list(), api.features()]);
    assert.equal(count, 1);
    assert.deepEqual(new Set(calls.filter(({ path }) => !path.endsWith("/token")).map(({ headers }) => headers.Authorization)), new Set(["Bearer t1"]));
    time += 280_000;
    await api.features();
    assert.equal(calls.at(-1).headers.Authorization, "Bearer t2");
    assert.equal(count, 2);
});

test("a refused access token is renewed once", async () => {
    let count = 0;
    const { api } = apiWith(({ path, headers }) => {
        if (path.endsWith("/token")) return token(`t${(count += 1)}`);
        return headers.Authorization === "Bearer t2" ? json({ items: [] }) : problem(401, "unauthenticated");
    });
    assert.deepEqual(await api.features(), { items: [] });
    const stubborn = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : problem(401, "unauthenticated")));
    assert.equal((await failure(stubborn.api.features())).code, "unauthenticated");
    assert.equal(stubborn.calls.length, 4);
});

test("the end of the session is told once", async () => {
    let alive = true;
    const { api } = apiWith(({ path }) => {
        if (path.endsWith("/token")) return alive ? token("t") : problem(401, "unauthenticated");
        return alive ? json({ items: [] }) : problem(401, "unauthenticated");
    });
    let ended = 0;
    api.addEventListener("signedout", () => (ended += 1));
    await api.features();
    alive = false;
    await Promise.all([failure(api.features()), failure(api.rooms.list())]);
    await failure(api.features());
    assert.equal(ended, 1);
});

test("a change says which version it is based on", async () => {
    const { api, calls } = apiWith(({ path, method }) => (path.endsWith("/token") ? token("t") : method === "DELETE" ? json(null, 204) : json({ id: "r" })));
    await api.rooms.update("r", 7, { name: "x" });
    assert.equal(calls.at(-1).headers["If-Match"], '"7"');
    assert.equal(await api.rooms.remove("r", 8), undefined);
    assert.equal(calls.at(-1).headers["If-Match"], '"8"');
});

test("a guest enters without token, a signed-in person with one", async () => {
    const guest = apiWith(({ path }) => (path.endsWith("/token") ? problem(401, "unauthenticated") : json({ role: "participant" })));
    await guest.api.entry("team", { displayName: "Ann" });
    await guest.api.entry("team", { displayName: "Ann" });
    assert.deepEqual(guest.calls.map(({ path }) => path.split("/").at(-1)), ["token", "entry", "entry"]);
    assert.equal(guest.calls.at(-1).headers.Authorization, undefined);
    const owner = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json({ role: "moderator" })));
    await owner.api.entry("team", {});
    assert.equal(owner.calls.at(-1).headers.Authorization, "Bearer t");
});

test("who is not known to be signed in enters as a guest while identity is away", async () => {
    for (const away of [() => problem(503, "unavailable"), () => Promise.reject(new TypeError("Failed to fetch"))]) {
        const { api, calls } = apiWith(({ path }) => (path.startsWith("/api/identity/") ? away() : json({ role: "participant" })));
        await failure(api.session());
        assert.deepEqual(await api.entry("team", { check: true }), { role: "participant" });
        assert.equal(calls.at(-1).headers.Authorization, undefined);
    }
});

test("who is signed in does not become a guest because identity is away, except on purpose", async () => {
    let away = false;
    const { api, calls } = apiWith(({ path }) => {
        if (!path.startsWith("/api/identity/")) return json({ role: "participant" });
        return away ? problem(503, "unavailable", { retryAfter: 5 }) : json({ session: "s" });
    });
    await api.session();
    away = true;
    const error = await failure(api.entry("team", { check: true }));
    assert.deepEqual([error.status, error.code, error.retryAfter], [503, "identity_unavailable", 5]);
    assert.equal(api.signedIn, true);
    await api.entry("team", { displayName: "Ann" }, { asGuest: true });
    assert.equal(calls.at(-1).headers.Authorization, undefined);
});

test("who was signed in and is not any more enters as a guest, and that is told", async () => {
    let signedIn = true;
    const { api } = apiWith(({ path }) => {
        if (!path.startsWith("/api/identity/")) return json({ role: "participant" });
        return signedIn ? json({ session: "s" }) : problem(401, "unauthenticated");
    });
    let ended = 0;
    api.addEventListener("signedout", () => (ended += 1));
    await api.session();
    signedIn = false;
    assert.deepEqual(await api.entry("team", { displayName: "Ann" }), { role: "participant" });
    assert.equal(ended, 1);
    assert.equal(api.signedIn, false);
});

test("lists are read to their end, and not for ever", async () => {
    const pages = { "": { items: [1], nextCursor: "a b" }, "a%20b": { items: [2] } };
    const { api } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json(pages[path.split("cursor=")[1] ?? ""])));
    assert.deepEqual(await api.colleagues(), [1, 2]);
    const endless = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json({ items: [1], nextCursor: "x" })));
    assert.equal((await endless.api.rooms.list()).length, 20);
});

test("a token is not used for another session", async () => {
    let session = "s1";
    const { api, calls } = apiWith(({ path }) => {
        if (path.endsWith("/token")) return token(`of ${session}`);
        return path.endsWith("/session") ? json({ session }) : json({ items: [] });
    });
    await api.session();
    await api.features();
    session = "s2";
    await api.session();
    await api.features();
    assert.equal(calls.at(-1).headers.Authorization, "Bearer of s2");
});

test("a picture is sent as it is, everything else as JSON", async () => {
    const { api, calls } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json({})));
    const sent = [];
    const raw = new Api(async (path, init) => {
        sent.push(init);
        return path.endsWith("/token") ? token("t") : json({});
    }, () => now);
    const picture = new Blob(["x"], { type: "image/webp" });
    await raw.profile.setPicture(picture);
    assert.equal(sent.at(-1).body, picture);
    assert.equal(sent.at(-1).headers["Content-Type"], "image/webp");
    await api.profile.changePassword({ current: "a", new: "b" });
    assert.deepEqual(calls.at(-1).body, { current: "a", new: "b" });
    assert.equal(calls.at(-1).headers["Content-Type"], "application/json");
});

test("pages of people are asked for with what is searched, and no empty parameters", async () => {
    const { api, calls } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json({ items: [] })));
    await api.administration.accounts({ search: "a&b" });
    assert.equal(calls.at(-1).path, "/api/identity/accounts?limit=50&search=a%26b");
    await api.administration.accounts({ search: "", cursor: "c d" });
    assert.equal(calls.at(-1).path, "/api/identity/accounts?limit=50&cursor=c%20d");
    await api.administration.deleteAccount("x/y", 3);
    assert.deepEqual([calls.at(-1).path, calls.at(-1).headers["If-Match"]], ["/api/identity/accounts/x%2Fy", '"3"']);
});

test("a file comes as it is, and is asked for by its type", async () => {
    const calendar = "\u{feff}BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
    const { api, calls } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : new Response(calendar, { headers: { "Content-Type": "text/calendar" } })));
    const file = await api.appointments.calendar("r", "a", { language: "de", pin: false });
    assert.deepEqual(new Uint8Array(await file.arrayBuffer()), new TextEncoder().encode(calendar));
    assert.equal(calls.at(-1).path, "/api/directory/rooms/r/appointments/a/calendar?pin=false&language=de");
    assert.match(calls.at(-1).headers.Accept, /^text\/calendar, application\/problem\+json$/);
});

test("what is changed says what it is based on; locking and renewing hold for what is there", async () => {
    const { api, calls } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : json({})));
    await api.rooms.setDeputies("r", 7, ["a"]);
    assert.equal(calls.at(-1).headers["If-Match"], '"7"');
    await api.appointments.cancel("r", "a", 3);
    assert.deepEqual([calls.at(-1).method, calls.at(-1).headers["If-Match"]], ["DELETE", '"3"']);
    await api.rooms.lock("r", true);
    assert.deepEqual([calls.at(-1).path, calls.at(-1).body], ["/api/directory/rooms/r/lock", { locked: true }]);
    assert.equal(calls.at(-1).headers["If-Match"], undefined);
});

test("an answer without content is none, whatever its status", async () => {
    const { api } = apiWith(({ path }) => (path.endsWith("/token") ? token("t") : new Response(null, { status: 202 })));
    assert.equal(await api.rooms.invite("r", { invitees: ["ann@example.org"] }), undefined);
});
