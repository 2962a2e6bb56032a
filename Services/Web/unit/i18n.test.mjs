import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { errorCodes, fieldReasons } from "../public/assets/lib/limits.js";
import { firstLanguage, languages, register, setLanguage, t } from "../public/assets/lib/i18n.js";

const assets = fileURLToPath(new URL("../public/assets/", import.meta.url));

/** Every area of texts, such as "" (common) and "room", with its catalogue in each language. */
async function areas() {
    const found = {};
    for (const file of readdirSync(`${assets}i18n`)) {
        const [, area = "", code] = /^(?:([\w-]+)\.)?(\w+)\.js$/.exec(file) ?? assert.fail(`${file} is not named AREA.LANGUAGE.js`);
        (found[area] ??= {})[code] = (await import(`${assets}i18n/${file}`)).default;
    }
    return found;
}

/** The text of every module that is not a catalogue. */
function sources() {
    return readdirSync(assets, { recursive: true })
        .filter((file) => file.endsWith(".js") && !file.startsWith("i18n"))
        .map((file) => readFileSync(`${assets}${file}`, "utf8"))
        .join("\n");
}

const placeholders = (message) => {
    const texts = typeof message === "string" ? [message] : Object.values(message);
    return new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []));
};

test("every area has the same texts in every language", async () => {
    for (const [area, catalogues] of Object.entries(await areas())) {
        assert.deepEqual(Object.keys(catalogues).sort(), languages.map(({ code }) => code).sort(), `languages of "${area}"`);
        const [first, ...others] = Object.values(catalogues);
        for (const other of others) assert.deepEqual(Object.keys(other).sort(), Object.keys(first).sort(), `keys of "${area}"`);
    }
});

test("a text takes the same parameters in every language", async () => {
    for (const catalogues of Object.values(await areas())) {
        for (const [key, message] of Object.entries(catalogues.en)) {
            assert.deepEqual([...placeholders(catalogues.de[key])].sort(), [...placeholders(message)].sort(), key);
        }
    }
});

test("no two areas use the same key", async () => {
    const keys = Object.values(await areas()).flatMap(({ en }) => Object.keys(en));
    assert.deepEqual(keys.filter((key, index) => keys.indexOf(key) !== index), []);
});

test("plural texts have every category of their language", async () => {
    for (const catalogues of Object.values(await areas())) {
        for (const [code, catalogue] of Object.entries(catalogues)) {
            const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories.sort();
            for (const [key, message] of Object.entries(catalogue)) {
                if (typeof message !== "string") assert.deepEqual(Object.keys(message).sort(), categories, `${code} ${key}`);
            }
        }
    }
});

test("every text that the code asks for exists, and every text is used", async () => {
    const keys = new Set(Object.values(await areas()).flatMap(({ en }) => Object.keys(en)));
    const code = sources();
    const literals = new Set(code.match(/(?<=")[\w-]+(?:\.[\w-]+)+(?=")/g));
    const prefixes = new Set([...code.matchAll(/`([\w-]+(?:\.[\w-]+)*\.)\$\{/g)].map(([, prefix]) => prefix));
    for (const [, key] of code.matchAll(/\btr?\(\s*"([^"]+)"/g)) assert.ok(keys.has(key), `${key} has no text`);
    const unused = [...keys].filter((key) => !literals.has(key) && ![...prefixes].some((prefix) => key.startsWith(prefix)));
    assert.deepEqual(unused, []);
});

test("every error code has a sentence", async () => {
    const { en, de } = (await areas())[""];
    for (const code of [...errorCodes, "network"]) {
        assert.ok(en[`error.${code}`], code);
        assert.ok(de[`error.${code}`], code);
    }
});

test("every reason for which a field is refused has a sentence", async () => {
    const { en, de } = (await areas())[""];
    for (const reason of fieldReasons) assert.ok(en[`field.${reason}`] && de[`field.${reason}`], reason);
});

test("the language is the saved one, else the browser's first that is known, else English", () => {
    assert.equal(firstLanguage("de", ["en-GB"]), "de");
    assert.equal(firstLanguage("", ["fr-FR", "de-AT", "en"]), "de");
    assert.equal(firstLanguage("tlh", []), "en");
});

test("parameters are put in, numbers in the language's form, and plurals chosen", () => {
    register({ en: { "test.n": { one: "{count} dog of {name}", other: "{count} dogs of {name}" } }, de: { "test.n": "{count} Hunde" } });
    setLanguage("en");
    assert.equal(t("test.n", { count: 1, name: "{count}" }), "1 dog of {count}");
    assert.equal(t("test.n", { count: 1200, name: "Ann" }), "1,200 dogs of Ann");
    setLanguage("de");
    assert.equal(t("test.n", { count: 1200 }), "1.200 Hunde");
    assert.equal(t("test.unknown"), "test.unknown");
});

test("an unknown language is refused", () => {
    assert.throws(() => register({ xx: {} }));
});
