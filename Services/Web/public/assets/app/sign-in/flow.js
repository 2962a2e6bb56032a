// @ts-check
// The way from what somebody types to a session, as steps. Nothing of it is drawn here.
import { ApiError } from "../../lib/problems.js";

/** @typedef {import("../../lib/wire.js").SessionView} SessionView */
/** @typedef {import("../../lib/wire.js").SecondFactorOffer} SecondFactorOffer */
/** @typedef {{ userName: string, password: string, organization: string, stayLoggedIn: boolean }} Credentials */
/** @typedef {"credentials" | "newPassword" | "code" | "setUp"} Step */
/**
 * What is to be shown next: a step, with the error that led there when it was one, or the end.
 * @typedef {{ kind: "step", step: Step, error?: unknown, offer?: SecondFactorOffer }} NextStep
 * @typedef {{ kind: "done", session: SessionView, recoveryCodes?: string[] }} Done `recoveryCodes`: of a second factor that is new
 * @typedef {NextStep | Done} Outcome
 */

/** These ask for something more and are no errors. */
const questions = /** @type {Readonly<Record<string, Step>>} */ (
    Object.freeze({ password_change_required: "newPassword", second_factor_required: "code", second_factor_setup_required: "setUp" })
);
/** After these, nothing of the later steps helps. */
const beginsAgain = new Set([
    "credentials_wrong", "account_disabled", "password_expired", "kept_elsewhere", "sign_in_unavailable", "sign_in_declined",
]);

export class SignInFlow {
    #api;
    /** @type {Step} */
    #step = "credentials";
    /** @type {Credentials} */
    #credentials = { userName: "", password: "", organization: "", stayLoggedIn: false };
    /** @type {string | undefined} */
    #newPassword;
    /** @type {number | undefined} */
    #passwordMinimum;
    /** @type {SecondFactorOffer | undefined} */
    #offer;

    /** @param {Pick<import("../../lib/api.js").Api, "signIn" | "offerSecondFactor">} api */
    constructor(api) {
        this.#api = api;
    }

    get step() {
        return this.#step;
    }

    /** Characters that the new password must have, where one is asked for. */
    get passwordMinimum() {
        return this.#passwordMinimum;
    }

    get credentials() {
        return this.#credentials;
    }

    /**
     * @param {Credentials} credentials
     * @returns {Promise<Outcome>}
     */
    begin(credentials) {
        // A new password was chosen for one account, not for whichever comes next.
        const { userName, organization, password } = this.#credentials;
        const isSame = credentials.userName === userName && credentials.organization === organization && credentials.password === password;
        if (!isSame) this.#newPassword = undefined;
        this.#credentials = credentials;
        this.#offer = undefined;
        return this.#try();
    }

    /**
     * @param {string} newPassword
     * @returns {Promise<Outcome>}
     */
    choosePassword(newPassword) {
        this.#newPassword = newPassword;
        return this.#try();
    }

    /**
     * Of the second factor that there is, or of the one that was offered.
     * @param {string} code
     * @returns {Promise<Outcome>}
     */
    giveCode(code) {
        return this.#try(code);
    }

    /** To the first step, whose entries are still there. */
    back() {
        this.#step = "credentials";
        this.#offer = undefined;
    }

    /**
     * @param {string} [code] good once, so that it is not kept
     * @returns {Promise<Outcome>}
     */
    async #try(code) {
        const enrollment = code === undefined ? undefined : this.#offer?.enrollment;
        const more = { newPassword: this.#newPassword, code, enrollment };
        try {
            const { recoveryCodes, ...session } = await this.#api.signIn({ ...this.#credentials, ...more });
            return { kind: "done", session, recoveryCodes };
        } catch (error) {
            return this.#after(error);
        }
    }

    /**
     * @param {unknown} error
     * @returns {Promise<Outcome>}
     */
    async #after(error) {
        if (!(error instanceof ApiError)) return this.#stay(error);
        if (error.code === "second_factor_setup_required") return this.#setUp();
        // The offer was too old: there is another one, and the person is told why.
        if (error.code === "enrollment_invalid") return this.#setUp(error);
        this.#passwordMinimum = error.fields.find(({ field }) => field === "newPassword")?.minimum ?? this.#passwordMinimum;
        const asked = questions[error.code];
        if (asked) return this.#go(asked);
        if (error.fields.some(({ field }) => field === "newPassword")) return this.#go("newPassword", error);
        if (beginsAgain.has(error.code)) return this.#go("credentials", error);
        return this.#stay(error);
    }

    /**
     * @param {unknown} [reason]
     * @returns {Promise<Outcome>}
     */
    async #setUp(reason) {
        try {
            this.#offer = await this.#api.offerSecondFactor(this.#credentials);
            this.#step = "setUp";
            return { kind: "step", step: "setUp", error: reason, offer: this.#offer };
        } catch (error) {
            // Somebody has set one up at the same time.
            if (error instanceof ApiError && error.code === "second_factor_required") return this.#go("code");
            return this.#stay(error);
        }
    }

    /**
     * @param {Step} step
     * @param {unknown} [error]
     * @returns {NextStep}
     */
    #go(step, error) {
        this.#step = step;
        if (step !== "setUp") this.#offer = undefined;
        return { kind: "step", step, error };
    }

    /**
     * @param {unknown} error
     * @returns {NextStep}
     */
    #stay(error) {
        return { kind: "step", step: this.#step, error, offer: this.#offer };
    }
}
