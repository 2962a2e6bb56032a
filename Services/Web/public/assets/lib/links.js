// @ts-check
// Links within Parley.

const aliasForm = /^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @param {string} text */
export function isAlias(text) {
    return aliasForm.test(text) && !uuidForm.test(text);
}

/** @param {string} alias */
export function roomPath(alias) {
    return `/r/${encodeURIComponent(alias)}`;
}

/** @param {string} alias */
export function roomLink(alias) {
    return new URL(roomPath(alias), location.origin).href;
}

/**
 * Where to go after sign-in: a path of this origin, else `/`. Browsers read `\` as `/` and drop tabs and line breaks, so that neither may
 * hide a second slash, which would name another host.
 * @param {string | null} text
 * @returns {string}
 */
export function safeNext(text) {
    if (!text || !/^\/(?![/\\])/.test(text) || /[\u0000-\u001f\u007f\\]/.test(text)) return "/";
    const base = "https://parley.invalid";
    try {
        const url = new URL(text, base);
        // `/a/..//host` is a path of this origin, but what is left of it would not be.
        return url.origin === base && !url.pathname.startsWith("//") ? `${url.pathname}${url.search}${url.hash}` : "/";
    } catch {
        return "/";
    }
}

/**
 * The alias in what somebody pasted: a whole link of this server, a path, or the alias itself. `null` when there is none.
 * @param {string} text
 * @param {string} origin
 */
export function aliasFromInvitation(text, origin) {
    const trimmed = text.trim();
    const alias = trimmed.toLowerCase();
    if (isAlias(alias)) return alias;
    const host = origin.replace(/^https?:\/\//, "");
    const absolute = trimmed.startsWith(`${host}/`) ? trimmed.slice(host.length) : trimmed;
    try {
        const url = new URL(absolute, origin);
        if (url.host !== host) return null;
        const found = /^\/r\/([^/]+)\/?$/.exec(url.pathname)?.[1]?.toLowerCase() ?? "";
        return isAlias(found) ? found : null;
    } catch {
        return null;
    }
}

/**
 * An alias made of a room's name; empty when nothing useful comes out.
 * @param {string} name
 */
export function suggestAlias(name) {
    const german = /** @type {Record<string, string>} */ ({ ä: "ae", ö: "oe", ü: "ue", ß: "ss" });
    const alias = name
        .toLowerCase()
        .normalize("NFC")
        .replace(/[äöüß]/g, (letter) => german[letter] ?? "")
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, 64)
        .replace(/^-+|-+$/g, "");
    return isAlias(alias) ? alias : "";
}
