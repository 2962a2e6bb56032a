// @ts-check
// Languages. A new one needs its catalogues and a line in `languages`.
import de from "../i18n/de.js";
import en from "../i18n/en.js";
import { preferences } from "./preferences.js";

/**
 * A text, or one for each plural category that the language has.
 * @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Message
 */
/** @typedef {Readonly<Record<string, Message>>} Catalogue */
/** @typedef {Record<string, string | number>} TextParameters */

export const languages = Object.freeze([
    Object.freeze({ code: "en", name: "English" }),
    Object.freeze({ code: "de", name: "Deutsch" }),
]);

/** @type {Map<string, Map<string, Message>>} */
const messages = new Map(languages.map(({ code }) => [code, new Map()]));
/** @type {Set<() => void>} */
const listeners = new Set();

register({ en, de });
let current = firstLanguage(preferences.language, globalThis.navigator?.languages ?? []);

/**
 * Adds the texts of an area, for each language. Keys are unique over all areas.
 * @param {Record<string, Catalogue>} catalogues by language code
 */
export function register(catalogues) {
    for (const [code, catalogue] of Object.entries(catalogues)) {
        const known = messages.get(code);
        if (!known) throw new Error(`There is no language "${code}".`);
        for (const [key, message] of Object.entries(catalogue)) known.set(key, message);
    }
}

/**
 * The saved language, else the first of the browser's that Parley speaks, else English.
 * @param {string} saved
 * @param {readonly string[]} wanted
 */
export function firstLanguage(saved, wanted) {
    for (const tag of [saved, ...wanted]) {
        const code = tag.toLowerCase().split("-")[0] ?? "";
        if (messages.has(code)) return code;
    }
    return "en";
}

/** The language of the page, for `lang`, Intl and others. */
export function language() {
    return current;
}

/**
 * @param {string} code one of `languages`
 * @param {{ keep: boolean }} options `keep: false`: for now only, since nobody has chosen it
 */
export function setLanguage(code, options = { keep: true }) {
    if (!messages.has(code)) return;
    if (options.keep) preferences.language = code;
    if (code === current) return;
    current = code;
    applyLanguage();
    for (const listener of [...listeners]) listener();
}

/** Tells the document its language. */
export function applyLanguage() {
    if (typeof document !== "undefined") document.documentElement.lang = current;
}

/**
 * Calls `listener` after each change of the language, until the signal is aborted.
 * @param {() => void} listener
 * @param {AbortSignal} [signal]
 */
export function onLanguageChange(listener, signal) {
    listeners.add(listener);
    signal?.addEventListener("abort", () => listeners.delete(listener), { once: true });
}

/** @param {string} key */
export function hasText(key) {
    return messages.get(current)?.has(key) ?? false;
}

/**
 * The text for a key in the language of the page. `{name}` is replaced by a parameter; `count` chooses the plural.
 * @param {string} key
 * @param {TextParameters} [parameters]
 * @returns {string}
 */
export function t(key, parameters = {}) {
    const message = messages.get(current)?.get(key) ?? messages.get("en")?.get(key) ?? key;
    return fill(choose(message, parameters["count"]), parameters);
}

/**
 * The same as a function: `h` sets it again whenever the language changes.
 * @param {string} key
 * @param {TextParameters} [parameters]
 * @returns {() => string}
 */
export function tr(key, parameters) {
    return () => t(key, parameters);
}

/**
 * @param {Message} message
 * @param {string | number | undefined} count
 */
function choose(message, count) {
    if (typeof message === "string") return message;
    const category = new Intl.PluralRules(current).select(Number(count ?? 0));
    return message[category] ?? message.other ?? "";
}

/**
 * @param {string} text
 * @param {TextParameters} parameters
 */
function fill(text, parameters) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = parameters[name];
        if (value === undefined) return whole;
        return typeof value === "number" ? new Intl.NumberFormat(current).format(value) : value;
    });
}
