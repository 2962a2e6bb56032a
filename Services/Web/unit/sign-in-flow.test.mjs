import assert from "node:assert/strict";
import { test } from "node:test";
import { SignInFlow } from "../public/assets/app/sign-in/flow.js";
import { ApiError } from "../public/assets/lib/problems.js";

const credentials = { userName: "ada", password: "one-time", organization: "engines", stayLoggedIn: true };
const session = { session: "s" };
const offer = { secret: "ABCD", uri: "otpauth://x", qrCode: [], enrollment: "e1" };

/** A flow whose server answers one after the other: an error code, an error, or a session. */
function flowWith(...answers) {
    const sent = [];
    const answer = (request) => {
        sent.push(JSON.parse(JSON.stringify(request)));
        const next = answers.shift();
        if (typeof next === "string") throw new ApiError(403, next);
        if (next instanceof Error) throw next;
        return next;
    };
    const flow = new SignInFlow({ signIn: async (request) => answer(request), offerSecondFactor: async (request) => answer(request) });
    return { flow, sent };
}

test("right credentials are all that is needed", async () => {
    const { flow, sent } = flowWith(session);
    assert.deepEqual(await flow.begin(credentials), { kind: "done", session, recoveryCodes: undefined });
    assert.deepEqual(sent, [credentials]);
});

test("a one-time password, an enforced second factor: nothing typed is lost on the way", async () => {
    const { flow, sent } = flowWith("password_change_required", "second_factor_setup_required", offer, "second_factor_wrong", { ...session, recoveryCodes: ["a-b"] });
    assert.equal((await flow.begin(credentials)).step, "newPassword");
    const setUp = await flow.choosePassword("a new password");
    assert.deepEqual([setUp.step, setUp.offer, setUp.error], ["setUp", offer, undefined]);
    const wrong = await flow.giveCode("000000");
    assert.deepEqual([wrong.step, wrong.offer, wrong.error.code], ["setUp", offer, "second_factor_wrong"]);
    assert.deepEqual(await flow.giveCode("123456"), { kind: "done", session, recoveryCodes: ["a-b"] });
    assert.deepEqual(sent.at(-1), { ...credentials, newPassword: "a new password", code: "123456", enrollment: "e1" });
});

test("how long the new password must be is told with the question", async () => {
    const asked = new ApiError(403, "password_change_required", { fields: [{ field: "newPassword", reason: "missing", minimum: 20 }] });
    const { flow } = flowWith(asked);
    assert.equal((await flow.begin(credentials)).step, "newPassword");
    assert.equal(flow.passwordMinimum, 20);
});

test("a refused new password is asked for again, with the reason", async () => {
    const refused = new ApiError(400, "validation_failed", { fields: [{ field: "newPassword", reason: "too_common" }] });
    const { flow } = flowWith("password_change_required", refused);
    await flow.begin(credentials);
    const again = await flow.choosePassword("password password");
    assert.deepEqual([again.step, again.error], ["newPassword", refused]);
});

test("a code is asked for, and a wrong one again; codes are not kept", async () => {
    const { flow, sent } = flowWith("second_factor_required", "second_factor_wrong", session);
    assert.deepEqual(await flow.begin(credentials), { kind: "step", step: "code", error: undefined });
    assert.equal((await flow.giveCode("111111")).error.code, "second_factor_wrong");
    assert.equal(flow.step, "code");
    await flow.giveCode("222222");
    assert.deepEqual(sent.map(({ code }) => code), [undefined, "111111", "222222"]);
});

test("an offer that is too old is replaced, and that is said", async () => {
    const { flow } = flowWith("second_factor_setup_required", offer, "enrollment_invalid", { ...offer, enrollment: "e2" });
    await flow.begin(credentials);
    const anew = await flow.giveCode("123456");
    assert.deepEqual([anew.step, anew.offer.enrollment, anew.error.code], ["setUp", "e2", "enrollment_invalid"]);
});

test("who has set up a second factor elsewhere meanwhile is asked for its code", async () => {
    const { flow } = flowWith("second_factor_setup_required", "second_factor_required");
    assert.equal((await flow.begin(credentials)).step, "code");
});

test("credentials that are no longer right lead back to the first step", async () => {
    for (const code of ["credentials_wrong", "account_disabled", "password_expired"]) {
        const { flow } = flowWith("second_factor_required", code);
        await flow.begin(credentials);
        const back = await flow.giveCode("123456");
        assert.deepEqual([back.step, back.error.code], ["credentials", code]);
    }
});

test("what says nothing about the step leaves it", async () => {
    for (const error of [new ApiError(429, "too_many_requests", { retryAfter: 12 }), new ApiError(0, "network"), new TypeError("x")]) {
        const { flow } = flowWith("second_factor_required", error);
        await flow.begin(credentials);
        assert.deepEqual(await flow.giveCode("123456"), { kind: "step", step: "code", error, offer: undefined });
    }
});

test("a new password belongs to the account that it was chosen for", async () => {
    const { flow, sent } = flowWith("password_change_required", "second_factor_required", session, session);
    await flow.begin(credentials);
    await flow.choosePassword("a new password");
    flow.back();
    await flow.begin(credentials);
    assert.equal(sent.at(-1).newPassword, "a new password");
    await flow.begin({ ...credentials, userName: "grace" });
    assert.equal(sent.at(-1).newPassword, undefined);
});
