// @ts-check
// What the signed-in person has set for themselves, as far as this page knows.
import { api } from "./api.js";
import { setAppearance } from "./appearance.js";
import { setLanguage } from "./i18n.js";
import { preferences } from "./preferences.js";

/** @typedef {import("./wire.js").ProfileView} ProfileView */
/** @typedef {Partial<import("./wire.js").ProfileDraft>} ProfilePart */

/**
 * What is sent to change a part. The name only when it is that part: otherwise somebody else's change of it would be undone.
 * @param {ProfileView} profile
 * @param {ProfilePart} part
 * @returns {import("./wire.js").ProfileDraft}
 */
export function draftOf(profile, part) {
    const { language, presenceInMeetings, showsPresence, appearance, notifications, avatarColor } = profile;
    return { language, presenceInMeetings, showsPresence, appearance, notifications, avatarColor, ...part };
}

/** Tells with the event `change` that it is known anew. */
export class OwnProfile extends EventTarget {
    #api;
    /** @type {ProfileView | null} */
    #current = null;
    /**
     * Callers that ask at the same time share one request.
     * @type {Promise<ProfileView> | null}
     */
    #loading = null;
    /** Reads that began before the last change know less than we do. */
    #changes = 0;
    /** Changes go one after the other, since each sends the whole. */
    #queue = Promise.resolve();

    /** @param {Pick<import("./api.js").Api, "profile" | "signedIn">} source */
    constructor(source) {
        super();
        this.#api = source;
    }

    /** `null` as long as it is not known. */
    get current() {
        return this.#current;
    }

    /** @returns {Promise<ProfileView>} */
    load() {
        this.#loading ??= this.#read().finally(() => {
            this.#loading = null;
        });
        return this.#loading;
    }

    async #read() {
        const before = this.#changes;
        const profile = await this.#api.profile.read();
        if (before === this.#changes) return this.put(profile);
        await this.#queue;
        return this.#current ?? this.put(profile);
    }

    /**
     * @param {ProfilePart} part
     * @returns {Promise<ProfileView>}
     */
    change(part) {
        this.#changes += 1;
        const work = this.#queue.then(async () => {
            const base = this.#current ?? (await this.#api.profile.read());
            return this.put(await this.#api.profile.change(draftOf(base, part)));
        });
        this.#queue = work.then(() => {}, () => {});
        return work;
    }

    /**
     * Keeps what was chosen at a switch, when somebody is signed in; that it could not be kept is nothing to bother anybody with.
     * @param {ProfilePart} part
     */
    keep(part) {
        if (this.#api.signedIn) void this.change(part).catch(() => {});
    }

    /** @param {ProfileView} profile */
    put(profile) {
        this.#current = profile;
        this.dispatchEvent(new Event("change"));
        return profile;
    }

    /** Somebody else is signed in, or nobody. */
    forget() {
        this.#current = null;
    }
}

/**
 * The profile's language and appearance win over what the browser had. Where none was chosen, neither there nor in this
 * browser, it is the organization's.
 * @param {ProfileView} profile
 */
export function applyProfile(profile) {
    if (profile.language) setLanguage(profile.language);
    else if (profile.defaultLanguage && !preferences.language) setLanguage(profile.defaultLanguage, { keep: false });
    setAppearance(profile.appearance);
}

/** The one that pages use. */
export const ownProfile = new OwnProfile(api);
