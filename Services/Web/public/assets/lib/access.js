// @ts-check
// The access token, in this module's memory and nowhere else, and whether somebody is signed in.
import { ApiError } from "./problems.js";

/** @typedef {"none" | "optional" | "required"} Authorization */
/** @typedef {{ accessToken: string, expiresAt: string }} TokenView */

/** A token is renewed when it has less than this left, so that it can't end on its way. */
const reserveMilliseconds = 30_000;

export class Access {
    #ask;
    #ended;
    #clock;
    /** @type {{ accessToken: string, expires: number } | null} */
    #token = null;
    /** @type {Promise<string> | null} */
    #renewal = null;
    /**
     * `null` as long as nobody asked.
     * @type {boolean | null}
     */
    #signedIn = null;
    /** Which session the token belongs to. Another tab may have signed in as somebody else. */
    #session = "";

    /**
     * @param {{ ask: () => Promise<TokenView>, ended: () => void, clock: () => number }} options `ask`: for a new token;
     *   `ended`: somebody was signed in and is not any more; `clock`: milliseconds
     */
    constructor({ ask, ended, clock }) {
        this.#ask = ask;
        this.#ended = ended;
        this.#clock = clock;
    }

    /** Whether somebody is signed in; `null` as long as that is not known. */
    get signedIn() {
        return this.#signedIn;
    }

    /** @param {import("./wire.js").SessionView} view */
    begin(view) {
        if (view.session !== this.#session) this.#token = null;
        this.#session = view.session;
        this.#signedIn = true;
    }

    /** Nobody is signed in, and nobody has to be told. */
    clear() {
        this.#signedIn = false;
        this.#token = null;
    }

    /** The next request gets a new token. */
    forgetToken() {
        this.#token = null;
    }

    /**
     * An access token with some time left. Callers that ask at the same time share one request.
     * @returns {Promise<string>}
     */
    async token() {
        if (this.#token && this.#token.expires - this.#clock() > reserveMilliseconds) return this.#token.accessToken;
        this.#renewal ??= this.#renew().finally(() => {
            this.#renewal = null;
        });
        return this.#renewal;
    }

    /**
     * What a request carries.
     * @param {Authorization} authorization
     * @returns {Promise<string | null>}
     */
    async bearer(authorization) {
        if (authorization === "none") return null;
        if (authorization === "required") return this.token();
        if (this.#signedIn === false) return null;
        try {
            return await this.token();
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (error.code === "unauthenticated" || (isAway(error) && !this.#signedIn)) return null;
            throw isAway(error) ? new ApiError(error.status, "identity_unavailable", { retryAfter: error.retryAfter }) : error;
        }
    }

    async #renew() {
        try {
            const view = await this.#ask();
            this.#token = { accessToken: view.accessToken, expires: Date.parse(view.expiresAt) };
            this.#signedIn = true;
            return this.#token.accessToken;
        } catch (error) {
            if (error instanceof ApiError && error.code === "unauthenticated") this.#end();
            throw error;
        }
    }

    #end() {
        const was = this.#signedIn;
        this.clear();
        if (was) this.#ended();
    }
}

/**
 * Whether there was no answer, or none of the service itself.
 * @param {ApiError} error
 */
function isAway(error) {
    return error.status === 0 || error.status >= 500;
}
