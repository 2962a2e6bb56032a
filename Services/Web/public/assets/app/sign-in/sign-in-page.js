// @ts-check
import { api } from "../../lib/api.js";
import { h, mount } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { preferences } from "../../lib/preferences.js";
import { appearanceSwitch, languageSwitch } from "../../lib/switches.js";
import { recoveryCodes } from "../account/recovery-codes.js";
import { brand } from "../header.js";
import { credentialsStep } from "./credentials.js";
import { SignInFlow } from "./flow.js";
import { invitationForm } from "./invitation.js";
import { codeStep, newPasswordStep, recoveryStep, setUpStep } from "./steps.js";

/** The person is signed in now. */
export class SignedInEvent extends Event {
    /** @param {import("../../lib/wire.js").SessionView} session */
    constructor(session) {
        super("signedin");
        this.session = session;
    }
}

/** From the first field to the session. */
export class SignIn extends HTMLElement {
    #flow = new SignInFlow(api);
    #message;
    #credentials;
    /**
     * Of the steps after the first one; kept, so that nothing typed is lost.
     * @type {{ newPassword?: import("./steps.js").StepView, shown?: import("./steps.js").StepView }}
     */
    #views = {};
    #stage = h("div", { class: "entrance-form stack" });

    /** @param {{ message: Node | null, next: string }} options `message`: why the person is asked; `next`: where it goes then */
    constructor({ message, next }) {
        super();
        this.#message = message;
        this.#credentials = credentialsStep({ next, send: (credentials) => this.#begin(credentials) });
    }

    connectedCallback() {
        mount(
            this,
            h(
                "div",
                { class: "entrance" },
                h("header", { class: "entrance-header picker-compact" }, brand(), h("div", { class: "grow" }), languageSwitch(), appearanceSwitch()),
                h("main", { class: "entrance-main", id: "content" }, this.#stage),
            ),
            h(
                "aside",
                { class: "promise" },
                h("img", { class: "promise-picture", src: "/assets/img/welcome.svg", alt: "", width: 560, height: 440 }),
                h("p", { class: "promise-title" }, tr("start.promise")),
                h("p", { class: "promise-text" }, tr("start.promiseText")),
            ),
        );
        this.#showFirst();
    }

    disconnectedCallback() {
        this.#credentials.stop();
        this.#views.shown?.busy.stop();
    }

    focusFirst() {
        // On a phone the keyboard would cover the page before anybody has read it.
        if (matchMedia("(hover: hover)").matches) this.#credentials.focusFirst();
    }

    #showFirst() {
        this.#views.shown = undefined;
        mount(
            this.#stage,
            h("div", { class: "entrance-heading" }, h("h1", null, tr("start.heading")), h("p", { class: "muted" }, tr("start.lead"))),
            this.#message,
            this.#credentials.element,
            invitationForm(),
        );
    }

    /** @param {import("./flow.js").Credentials} credentials */
    async #begin(credentials) {
        const former = this.#flow.credentials;
        if (former.userName !== credentials.userName || former.organization !== credentials.organization) this.#views.newPassword = undefined;
        this.#message = null;
        await this.#follow(await this.#flow.begin(credentials));
    }

    /** @param {import("./flow.js").Outcome} outcome */
    async #follow(outcome) {
        if (outcome.kind === "done") return this.#finish(outcome);
        const { step, error, offer } = outcome;
        if (step === "credentials") {
            if (this.#views.shown) this.#showFirst();
            if (error) this.#credentials.fail(error);
            return undefined;
        }
        const former = this.#views.shown;
        const view = this.#view(step, offer);
        if (view !== former) {
            former?.busy.stop();
            this.#views.shown = view;
            mount(this.#stage, view.element);
            window.scrollTo(0, 0);
            view.focus();
        }
        if (error) view.fail(error);
        return undefined;
    }

    /**
     * @param {Exclude<import("./flow.js").Step, "credentials">} step
     * @param {import("../../lib/wire.js").SecondFactorOffer} [offer]
     * @returns {import("./steps.js").StepView}
     */
    #view(step, offer) {
        const key = `${step} ${offer?.enrollment ?? ""}`;
        const shown = this.#views.shown;
        if (shown?.element.dataset["step"] === key) return shown;
        const view = this.#newView(step, offer);
        view.element.dataset["step"] = key;
        return view;
    }

    /**
     * @param {Exclude<import("./flow.js").Step, "credentials">} step
     * @param {import("../../lib/wire.js").SecondFactorOffer} [offer]
     */
    #newView(step, offer) {
        const shared = { userName: this.#flow.credentials.userName, back: () => this.#back() };
        if (step === "newPassword") {
            this.#views.newPassword ??= newPasswordStep({
                ...shared,
                minimum: this.#flow.passwordMinimum,
                former: () => this.#flow.credentials.password,
                send: async (password) => this.#follow(await this.#flow.choosePassword(password)),
            });
            return this.#views.newPassword;
        }
        const send = async (/** @type {string} */ code) => this.#follow(await this.#flow.giveCode(code));
        return step === "setUp" && offer ? setUpStep({ ...shared, offer, send }) : codeStep({ ...shared, send });
    }

    #back() {
        this.#views.shown?.busy.stop();
        this.#flow.back();
        this.#showFirst();
        this.#credentials.focusFirst();
    }

    /** @param {import("./flow.js").Done} done */
    #finish({ session, recoveryCodes }) {
        preferences.organization = this.#flow.credentials.organization;
        if (recoveryCodes) this.#showRecoveryCodes(session, recoveryCodes);
        else this.dispatchEvent(new SignedInEvent(session));
    }

    /**
     * @param {import("../../lib/wire.js").SessionView} session
     * @param {string[]} codes
     */
    #showRecoveryCodes(session, codes) {
        const content = recoveryCodes(codes, session.userName);
        const step = recoveryStep({ codes: content, done: () => this.dispatchEvent(new SignedInEvent(session)) });
        this.#views.shown = undefined;
        mount(this.#stage, step.element);
        window.scrollTo(0, 0);
        step.focus();
    }
}

customElements.define("parley-sign-in", SignIn);
