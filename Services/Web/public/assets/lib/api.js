// @ts-check
// Parley's HTTP API.

import { Access } from "./access.js";
import { administrationApi, profileApi } from "./account-api.js";
import { appointmentsApi, roomsApi } from "./directory-api.js";
import { exchange } from "./exchange.js";
import { telephoneApi } from "./presence-api.js";
import { ApiError, problem } from "./problems.js";

export { ApiError, problem };

/** @typedef {import("./exchange.js").Fetch} Fetch */
/** @typedef {import("./access.js").Authorization} Authorization */
/** @typedef {import("./exchange.js").Exchange & { authorization?: Authorization }} RequestOptions */

/** So many colleagues are in a page of them. */
export const colleaguesAtOnce = 100;
const colleaguesPath = `/api/identity/colleagues?limit=${colleaguesAtOnce}`;
/** Pages of a list that are read at most. */
const maximumPages = 20;

/** The session has ended: no token is given any more. */
export class SignedOutEvent extends Event {
    constructor() {
        super("signedout");
    }
}

export class Api extends EventTarget {
    #fetch;
    #access;

    /**
     * @param {Fetch} [fetch]
     * @param {() => number} [clock] milliseconds
     */
    constructor(fetch = (input, init) => globalThis.fetch(input, init), clock = Date.now) {
        super();
        this.#fetch = fetch;
        this.#access = new Access({
            ask: () => this.#send("/api/identity/session/token", { method: "POST", body: {}, authorization: "none" }),
            ended: () => this.dispatchEvent(new SignedOutEvent()),
            clock,
        });
    }

    /** Whether somebody is signed in; `null` as long as that is not known. */
    get signedIn() {
        return this.#access.signedIn;
    }

    // Identity

    /**
     * @param {import("./wire.js").SignInRequest} request
     * @returns {Promise<import("./wire.js").SessionView>}
     */
    async signIn(request) {
        const session = await this.#send("/api/identity/session", { method: "POST", body: request, authorization: "none" });
        this.#access.begin(session);
        return session;
    }

    /**
     * A second factor for somebody who must have one and has none; the password is enough.
     * @param {import("./wire.js").SignInRequest} request
     * @returns {Promise<import("./wire.js").SecondFactorOffer>}
     */
    offerSecondFactor(request) {
        return this.#send("/api/identity/session/second-factor", { method: "POST", body: request, authorization: "none" });
    }

    /**
     * Other ways into an organization than a password here; none for one that there is not.
     * @param {string} organization
     * @param {AbortSignal} [signal]
     * @returns {Promise<import("./wire.js").SignInOptions>}
     */
    signInOptions(organization, signal) {
        const path = `/api/identity/sign-in-options?organization=${encodeURIComponent(organization)}`;
        return this.#send(path, { authorization: "none", signal });
    }

    profile = profileApi((path, options) => this.#send(path, options));
    administration = administrationApi((path, options) => this.#send(path, options));

    /**
     * The signed-in person, or `null`.
     * @returns {Promise<import("./wire.js").SessionView | null>}
     */
    async session() {
        try {
            const session = await this.#send("/api/identity/session", { authorization: "none" });
            this.#access.begin(session);
            return session;
        } catch (error) {
            if (!(error instanceof ApiError) || error.code !== "unauthenticated") throw error;
            this.#access.clear();
            return null;
        }
    }

    async signOut() {
        await this.#send("/api/identity/session", { method: "DELETE", authorization: "none" });
        this.#access.clear();
    }

    /**
     * An access token with some time left. Callers that ask at the same time share one request.
     * @returns {Promise<string>}
     */
    token() {
        return this.#access.token();
    }

    /** The next request gets a new token, which knows the name of now. */
    forgetToken() {
        this.#access.forgetToken();
    }

    /**
     * All colleagues, by display name.
     * @param {AbortSignal} [signal]
     * @returns {Promise<import("./wire.js").Colleague[]>}
     */
    colleagues(signal) {
        return this.#all(colleaguesPath, signal);
    }

    /**
     * One page of colleagues, by display name.
     * @param {{ search?: string, cursor?: string }} wanted
     * @param {AbortSignal} [signal]
     * @returns {Promise<import("./wire.js").ColleaguesView>}
     */
    colleaguePage({ search, cursor }, signal) {
        const rest = Object.entries({ search, cursor }).map(([name, value]) => (value ? `&${name}=${encodeURIComponent(value)}` : ""));
        return this.#send(colleaguesPath + rest.join(""), { signal });
    }

    // Presence

    /**
     * @param {AbortSignal} [signal]
     * @returns {Promise<import("./wire.js").OwnPresence>}
     */
    ownPresence(signal) {
        return this.#send("/api/presence/own", { signal });
    }

    /**
     * @param {import("./wire.js").ManualPresence} manual
     * @returns {Promise<import("./wire.js").OwnPresence>}
     */
    setOwnPresence(manual) {
        return this.#send("/api/presence/own", { method: "PUT", body: manual });
    }

    telephone = telephoneApi((path, options) => this.#send(path, options));

    // Directory

    rooms = roomsApi((path, options) => this.#send(path, options), (path, signal) => this.#all(path, signal));
    appointments = appointmentsApi((path, options) => this.#send(path, options));

    /**
     * What this deployment can do.
     * @returns {Promise<import("./wire-directory.js").DirectoryFeatures>}
     */
    features() {
        return this.#send("/api/directory/features");
    }

    /**
     * @param {string} alias
     * @param {{ room?: string, signal?: AbortSignal }} [options] `room`: the one that is edited
     * @returns {Promise<import("./wire-directory.js").AliasCheck>}
     */
    aliasCheck(alias, options) {
        const query = options?.room ? `?room=${encodeURIComponent(options.room)}` : "";
        return this.#send(`/api/directory/aliases/${encodeURIComponent(alias)}${query}`, { signal: options?.signal });
    }

    /**
     * Asks to come into a room, with the account when there is one, else as a guest. Nobody who is known to be signed in becomes a guest
     * because identity is away: that is the error `identity_unavailable`, and `asGuest` is for those who want to enter nevertheless.
     * @param {string} alias
     * @param {import("./wire-directory.js").EntryRequest} request
     * @param {{ asGuest?: boolean, signal?: AbortSignal }} [options]
     * @returns {Promise<import("./wire-directory.js").EntryGrant>}
     */
    entry(alias, request, options = {}) {
        return this.#send(`/api/directory/rooms/${encodeURIComponent(alias)}/entry`, {
            method: "POST",
            body: request,
            authorization: options.asGuest ? "none" : "optional",
            signal: options.signal,
        });
    }

    /**
     * @param {string} path
     * @param {AbortSignal} [signal]
     * @returns {Promise<any[]>}
     */
    async #all(path, signal) {
        const items = [];
        let next = path;
        for (let page = 0; page < maximumPages; page += 1) {
            const answer = await this.#send(next, { signal });
            items.push(...answer.items);
            if (!answer.nextCursor) break;
            next = `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(answer.nextCursor)}`;
        }
        return items;
    }

    /**
     * @param {string} path
     * @param {RequestOptions} [options]
     * @returns {Promise<any>}
     */
    async #send(path, options = {}) {
        const bearer = await this.#access.bearer(options.authorization ?? "required");
        try {
            return await exchange(this.#fetch, path, options, bearer);
        } catch (error) {
            if (!bearer || !(error instanceof ApiError) || error.code !== "unauthenticated") throw error;
        }
        // The token was refused, for instance because the key behind it has changed: one more try with a new one.
        this.#access.forgetToken();
        return exchange(this.#fetch, path, options, await this.#access.bearer(options.authorization ?? "required"));
    }
}

/** The one that pages use. */
export const api = new Api();
