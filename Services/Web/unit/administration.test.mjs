import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isConfirmed } from "../public/assets/app/admin/confirm-deletion.js";
import { auditActor, auditDetails, auditSource, auditText, auditTexts } from "../public/assets/app/admin/audit-text.js";
import { checkAccount, checkHandle, checkOrganization, losesPower, mayChange } from "../public/assets/app/admin/rules.js";
import accountDe from "../public/assets/i18n/account.de.js";
import accountEn from "../public/assets/i18n/account.en.js";
import de from "../public/assets/i18n/admin.de.js";
import en from "../public/assets/i18n/admin.en.js";
import { register, setLanguage } from "../public/assets/lib/i18n.js";

register({ en: { ...accountEn, ...en }, de: { ...accountDe, ...de } });

const person = { userName: "ada", displayName: "Ada", permissions: [], isEnabled: true };
const problems = (draft) => checkAccount({ ...person, ...draft }).map(({ field, reason }) => `${field} ${reason}`);

test("every action that identity writes down has a text in every language", () => {
    const source = readFileSync(new URL("../../Identity/Audit/AuditEntry.swift", import.meta.url), "utf8");
    const actions = [...source.matchAll(/^ {4}case \w+ = "([\w.]+)"$/gm)].map(([, action]) => action);
    assert.ok(actions.length > 15);
    assert.deepEqual(Object.keys(auditTexts).sort(), actions.sort());
    for (const key of Object.values(auditTexts)) {
        assert.match(en[key] ?? "", /\{subject\}/, key);
        assert.match(de[key] ?? "", /\{subject\}/, key);
    }
});

test("entries of the log are told in words", () => {
    setLanguage("en");
    assert.equal(auditText({ action: "account.disabled", subject: "ada" }), "disabled the account ada.");
    assert.equal(auditText({ action: "account.frobnicated", subject: "ada" }), "did “account.frobnicated” to ada.");
    assert.equal(auditActor({ actor: "operator" }), "An operator");
    // Somebody may be called so.
    assert.equal(auditActor({ actor: "operator", actorAccount: "a" }), "operator");
    assert.equal(auditSource({ source: "192.0.2.1" }), "192.0.2.1");
    assert.deepEqual(auditDetails({ detail: { permissions: "rooms.create → organization.admin, rooms.create", language: "none → de", colour: "x" } }), [
        { name: "Permissions", value: "Create meeting rooms → Administer the organization, Create meeting rooms" },
        { name: "Language", value: "none → Deutsch" },
        { name: "colour", value: "x" },
    ]);
    assert.deepEqual(auditDetails({ detail: { permissions: "" } }), [{ name: "Permissions", value: "none" }]);
});

test("an account needs both names, and an e-mail address only when one is given", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ userName: "", displayName: "" }), ["userName missing", "displayName missing"]);
    assert.deepEqual(problems({ userName: "DOMAIN\\ada" }), ["userName bad_format"]);
    assert.deepEqual(problems({ userName: "x".repeat(129), displayName: "👍🏽".repeat(61) }), ["userName too_long", "displayName too_long"]);
    for (const email of ["ada@example.org", "a@b"]) assert.deepEqual(problems({ email }), [], email);
    for (const email of ["ada", "@b", "a@", "a b@c", "a@b@c", "<a@b>"]) assert.deepEqual(problems({ email }), ["email bad_format"], email);
    assert.deepEqual(problems({ email: `${"x".repeat(250)}@example.org` }), ["email too_long"]);
});

test("an organization needs a name and a sane length of passwords", () => {
    const found = (draft) => checkOrganization({ name: "Engines", passwordMinimum: 15, ...draft }).map(({ field }) => field);
    assert.deepEqual(found({}), []);
    assert.deepEqual(found({ name: "" }), ["name"]);
    for (const passwordMinimum of [7, 65, 8.5, NaN]) assert.deepEqual(found({ passwordMinimum }), ["passwordMinimum"], String(passwordMinimum));
});

test("an alias or domain is new, of few kinds of characters, and there are not too many", () => {
    assert.equal(checkHandle("corp.example", [], 20), null);
    assert.equal(checkHandle("", [], 20), "missing");
    assert.equal(checkHandle("two words", [], 20), "bad_format");
    assert.equal(checkHandle("Engines", ["engines"], 20), "taken");
    assert.equal(checkHandle("x".repeat(65), [], 20), "too_long");
    assert.equal(checkHandle("c", ["a", "b"], 2), "not_allowed");
});

test("only system administrators reach system administrators", () => {
    const system = { permissions: ["system.admin"] };
    const organization = { permissions: ["organization.admin"] };
    assert.ok(mayChange(system, ["system.admin"]));
    assert.ok(!mayChange(organization, ["system.admin"]));
    assert.ok(mayChange(organization, ["organization.admin"]));
});

test("giving up the last permission that administers, or the account, is a loss of power", () => {
    const before = { permissions: ["organization.admin", "rooms.create"], isEnabled: true };
    assert.ok(losesPower(before, { ...before, permissions: ["rooms.create"] }));
    assert.ok(losesPower(before, { ...before, isEnabled: false }));
    assert.ok(!losesPower(before, { ...before, permissions: ["system.admin"] }));
    assert.ok(!losesPower({ permissions: [], isEnabled: true }, { permissions: [], isEnabled: false }));
});

test("who deletes an account types its user name", () => {
    assert.ok(isConfirmed(" ADA ", "ada"));
    assert.ok(!isConfirmed("", "ada"));
    assert.ok(!isConfirmed("ad", "ada"));
});
