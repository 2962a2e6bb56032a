import assert from "node:assert/strict";
import { test } from "node:test";
import { qrPath, qrSide } from "../public/assets/app/account/qr-code.js";
import { recoveryText } from "../public/assets/app/account/recovery-codes.js";
import { groupsOfFour, isCode, newPasswordProblem, repetitionProblem, tidyCode } from "../public/assets/app/account/rules.js";
import { beginPath } from "../public/assets/app/sign-in/connections.js";
import { fileName } from "../public/assets/lib/download.js";
import { setLanguage } from "../public/assets/lib/i18n.js";

test("a new password is long enough, not endless, and another one", () => {
    const problem = (password, minimum) => newPasswordProblem(password, { minimum, former: "the one of before" });
    assert.equal(problem("", 15), "missing");
    assert.equal(problem("fourteen chars", 15), "too_short");
    assert.equal(problem("fifteen of chars", 15), null);
    assert.equal(problem("the one of before", 15), "unchanged");
    assert.equal(problem("x".repeat(1025), 15), "too_long");
    // Where the organization's rule is not known, the server tells.
    assert.equal(problem("ten of them", undefined), null);
    assert.equal(problem("seven..", undefined), "too_short");
});

test("characters of a password are counted as people see them, its bytes as the server does", () => {
    assert.equal(newPasswordProblem("👍🏽".repeat(8), { minimum: 15, former: "" }), "too_short");
    assert.equal(newPasswordProblem("👍🏽".repeat(15), { minimum: 15, former: "" }), null);
    assert.equal(newPasswordProblem("ä".repeat(512), { minimum: 15, former: "" }), null);
    assert.equal(newPasswordProblem("ä".repeat(513), { minimum: 15, former: "" }), "too_long");
});

test("the repetition must be the same", () => {
    assert.deepEqual([repetitionProblem("a", ""), repetitionProblem("a", "A"), repetitionProblem("a", "a")], ["missing", "differs", null]);
});

test("codes may be typed as authenticators and lists show them", () => {
    assert.equal(tidyCode(" 123 456 "), "123456");
    assert.equal(tidyCode("123-456"), "123456");
    assert.equal(tidyCode("ABCD-efgh-2345-WXYZ"), "abcd-efgh-2345-wxyz");
    for (const good of ["123456", "abcd-efgh-2345-wxyz", "abcdefgh2345wxyz"]) assert.ok(isCode(good, { recovery: true }), good);
    for (const bad of ["", "12345", "1234567", "abcd", "abcd-efgh-2345-wxy!", "１２３４５６"]) assert.ok(!isCode(bad, { recovery: true }), bad);
    assert.ok(!isCode("abcd-efgh-2345-wxyz", { recovery: false }));
});

test("a key is read in groups of four", () => {
    assert.deepEqual(groupsOfFour("ABCDEFGHIJ"), ["ABCD", "EFGH", "IJ"]);
    assert.deepEqual(groupsOfFour(""), []);
});

test("a QR code is one path of the runs in each row, with four empty modules around", () => {
    assert.equal(qrPath(["101", "011", "000"]), "M4 4h1v1h-1zM6 4h1v1h-1zM5 5h2v1h-2z");
    assert.equal(qrSide(["101", "011", "000"]), 11);
    assert.equal(qrPath([]), "");
});

test("the file of recovery codes says whose they are, and has one a line", () => {
    setLanguage("en");
    const text = recoveryText(["aaaa-bbbb", "cccc-dddd"], { userName: "ada", host: "meet.example", now: 0 });
    assert.ok(text.endsWith("\n\naaaa-bbbb\ncccc-dddd\n"));
});

test("names of files have nothing in them that a file system takes amiss", () => {
    assert.equal(fileName("parley", "ada@example.org"), "parley-ada@example.org");
    assert.equal(fileName("parley", "../Ada: \"1\"/Ünal"), "parley-Ada-1-Ünal");
});

test("signing in with a provider says where to go on and whether to stay", () => {
    assert.equal(
        beginPath("c/1", { stayLoggedIn: true, next: "/r/team?x=1" }),
        "/api/identity/oidc/c%2F1/begin?stayLoggedIn=true&next=%2Fr%2Fteam%3Fx%3D1",
    );
});
