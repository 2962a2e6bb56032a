// @ts-check
// What this browser remembers. Works without storage too: then it remembers until the page is left.

/** @typedef {"standard" | "dark" | "bright"} Appearance */

/** @type {Map<string, string>} */
const fallback = new Map();

/**
 * @template T
 * @param {string} key
 * @param {(value: unknown) => value is T} isValid
 * @param {T} otherwise
 * @returns {T}
 */
export function read(key, isValid, otherwise) {
    try {
        const text = storage()?.getItem(`parley.${key}`) ?? fallback.get(key) ?? "null";
        const value = /** @type {unknown} */ (JSON.parse(text));
        return isValid(value) ? value : otherwise;
    } catch {
        return otherwise;
    }
}

/**
 * @param {string} key
 * @param {unknown} value something that JSON can hold
 */
export function write(key, value) {
    const text = JSON.stringify(value);
    fallback.set(key, text);
    try {
        storage()?.setItem(`parley.${key}`, text);
    } catch {
        // Full or forbidden: the fallback has it.
    }
}

function storage() {
    try {
        return globalThis.localStorage ?? null;
    } catch {
        return null;
    }
}

/** @returns {value is string} @param {unknown} value */
const isString = (value) => typeof value === "string";
/** @returns {value is Appearance} @param {unknown} value */
const isAppearance = (value) => value === "standard" || value === "dark" || value === "bright";
/** @returns {value is Record<string, unknown>} @param {unknown} value */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export const preferences = {
    /** The language that the person chose; empty when never chosen. */
    get language() {
        return read("language", isString, "");
    },
    set language(code) {
        write("language", code);
    },

    get appearance() {
        return read("appearance", isAppearance, "standard");
    },
    set appearance(value) {
        write("appearance", value);
    },

    /** What was entered as organization at the last sign-in that worked. */
    get organization() {
        return read("organization", isString, "");
    },
    set organization(value) {
        write("organization", value);
    },

    /** The name that this person last used as a guest. */
    get displayName() {
        return read("displayName", isString, "");
    },
    set displayName(value) {
        write("displayName", value);
    },

    /**
     * Devices and switches for one room.
     * @param {string} alias
     */
    room(alias) {
        return read(`room.${alias}`, isRecord, {});
    },
    /**
     * @param {string} alias
     * @param {Record<string, unknown>} settings replaces what was there
     */
    saveRoom(alias, settings) {
        write(`room.${alias}`, settings);
    },
};
