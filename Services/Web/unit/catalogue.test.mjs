import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import accountEn from "../public/assets/i18n/account.en.js";
import adminEn from "../public/assets/i18n/admin.en.js";
import en from "../public/assets/i18n/en.js";
import presenceEn from "../public/assets/i18n/presence.en.js";
import roomEn from "../public/assets/i18n/room.en.js";
import roomsEn from "../public/assets/i18n/rooms.en.js";
import telephoneEn from "../public/assets/i18n/telephone.en.js";
import { errorCodes } from "../public/assets/lib/limits.js";

const assets = fileURLToPath(new URL("../public/assets/", import.meta.url));
const sources = ["app", "lib", "room"]
    .flatMap((folder) => readdirSync(assets + folder, { recursive: true }).map((path) => `${assets}${folder}/${path}`))
    .filter((path) => path.endsWith(".js"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
/** Keys that are put together, such as `device.${kind}`: patterns of what they can become. */
const composed = [...sources.matchAll(/`([a-z][A-Za-z]*\.[^`\s]*\$\{[^`\s]*)`/g)].map(([, template]) =>
    new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\$\{[^}]*\}/g, "\\w+")}$`));

test("every text is used", () => {
    const used = (key) => sources.includes(`"${key}"`) || composed.some((pattern) => pattern.test(key));
    assert.deepEqual([en, accountEn, adminEn, presenceEn, roomEn, roomsEn, telephoneEn].flatMap((texts) => Object.keys(texts)).filter((key) => !used(key)), []);
});

test("errors have texts for codes that exist", () => {
    // These two are the page's own: no answer at all, and no answer of identity.
    const codes = new Set([...errorCodes, "network", "identity_unavailable"]);
    const keys = Object.keys(en).filter((key) => key.startsWith("error.") && key !== "error.retryAfter");
    assert.deepEqual(keys.filter((key) => !codes.has(key.slice("error.".length))), []);
});
