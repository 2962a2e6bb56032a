import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { failureText } from "../public/assets/app/admin/failure-text.js";
import { checkTokenName, contentKey, failureKey, readableBody, webhookState } from "../public/assets/app/admin/telephone-rules.js";
import de from "../public/assets/i18n/telephone.de.js";
import en from "../public/assets/i18n/telephone.en.js";
import { register, setLanguage } from "../public/assets/lib/i18n.js";
import { telephoneApi } from "../public/assets/lib/presence-api.js";

register({ en, de });

/** Cases of an enum with texts, and constants of messages, as Shared/Protocol has them. */
const protocol = (name) => readFileSync(new URL(`../../../Shared/Protocol/Presence/${name}.swift`, import.meta.url), "utf8");

test("a token has a name, of 80 characters at most", () => {
    assert.equal(checkTokenName("Telephone system"), null);
    for (const empty of ["", "  "]) assert.equal(checkTokenName(empty), "missing");
    assert.equal(checkTokenName(`  ${"👍🏽".repeat(80)}  `), null);
    assert.equal(checkTokenName("x".repeat(81)), "too_long");
});

test("a webhook is failing as long as nothing has come through since the last failure", () => {
    const failed = { lastFailure: { at: "2026-12-01T08:00:00Z", reason: "timed_out" } };
    assert.equal(webhookState({ isEnabled: true }), "enabled");
    assert.equal(webhookState({ isEnabled: true, ...failed }), "failing");
    assert.equal(webhookState({ isEnabled: true, ...failed, lastDeliveredAt: "2026-12-01T07:59:59.900Z" }), "failing");
    assert.equal(webhookState({ isEnabled: true, ...failed, lastDeliveredAt: "2026-12-01T08:00:00.100Z" }), "enabled");
    assert.equal(webhookState({ isEnabled: false, lastDeliveredAt: "2026-12-01T08:00:00Z" }), "disabled");
});

test("every reason of a failure has a sentence of its own", () => {
    const block = protocol("Webhooks").match(/enum Reason[^{]*\{([^}]*)\}/)[1];
    const reasons = [...block.matchAll(/case (\w+)(?: = "(\w+)")?/g)].map(([, name, raw]) => raw ?? name);
    assert.equal(reasons.length, 4);
    const keys = reasons.map((reason) => failureKey({ reason }));
    assert.equal(new Set([...keys, "failure.other"]).size, 5);
    for (const key of keys) assert.ok(key in en && key in de, key);
    assert.equal(failureKey({ reason: "struck_by_lightning" }), "failure.other");
    setLanguage("en");
    assert.equal(failureText({ reason: "refused", status: 503 }), "The receiver did not take the message (it answered 503).");
    assert.match(failureText({ reason: "refused", status: 410 }), /wants no more messages/);
    assert.match(failureText({ reason: "refused", status: 308 }), /another address \(308\)/);
});

test("every kind of message is told by what is in it", () => {
    const types = [...protocol("WebhookMessages").matchAll(/static let type = "([\w.]+)"/g)].map(([, type]) => type);
    assert.equal(types.length, 2);
    assert.deepEqual(types.map(contentKey).sort(), ["letters.changes", "letters.snapshot"]);
    assert.equal(contentKey("presence.frobnicated"), "letters.other");
});

test("a body is laid out if it is JSON, and else left as it is", () => {
    assert.equal(readableBody('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
    assert.equal(readableBody("<p>"), "<p>");
});

test("what stands in a path is one part of it", async () => {
    const asked = [];
    const telephone = telephoneApi(async (path, { method = "GET", body } = {}) => {
        asked.push([method, path, body]);
        return { items: [], letters: 3 };
    });
    await telephone.createToken("Reception");
    await telephone.deleteToken("a/b");
    await telephone.deadLetters("w", undefined);
    await telephone.deadLetters("w", "7&limit=1");
    await telephone.deadLetter("w", "msg/1");
    await telephone.resend("w", "msg_1");
    assert.equal(await telephone.resendAll("w"), 3);
    assert.deepEqual(asked, [
        ["POST", "/api/presence/read-tokens", { name: "Reception" }],
        ["DELETE", "/api/presence/read-tokens/a%2Fb", undefined],
        ["GET", "/api/presence/webhooks/w/dead-letters?limit=50", undefined],
        ["GET", "/api/presence/webhooks/w/dead-letters?limit=50&cursor=7%26limit%3D1", undefined],
        ["GET", "/api/presence/webhooks/w/dead-letters/msg%2F1", undefined],
        ["POST", "/api/presence/webhooks/w/dead-letters/msg_1/retry", {}],
        ["POST", "/api/presence/webhooks/w/dead-letters/retry", {}],
    ]);
});
