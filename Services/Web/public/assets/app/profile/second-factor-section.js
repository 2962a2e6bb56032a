// @ts-check
import { h, icon, mount } from "../../lib/dom.js";
import { notice } from "../../lib/fields.js";
import { t, tr } from "../../lib/i18n.js";
import { limits } from "../../lib/limits.js";
import { ownProfile } from "../../lib/own-profile.js";
import { section } from "../account/section.js";
import { removeSecondFactor, replaceRecoveryCodes, setUpSecondFactor } from "./second-factor-dialogs.js";

/** @typedef {import("../../lib/wire.js").ProfileView} ProfileView */

/** With so few left, new ones are a good idea. */
const fewCodes = 3;

/** Whether there is a second factor, and what can be done about it. */
export class SecondFactorSection extends HTMLElement {
    #controller = new AbortController();
    #content = h("div", { class: "stack" });

    connectedCallback() {
        this.#controller = new AbortController();
        mount(this, section({ title: tr("factor.title"), text: tr("factor.text") }, this.#content));
        ownProfile.addEventListener("change", () => this.#render(), { signal: this.#controller.signal });
        this.#render();
    }

    disconnectedCallback() {
        this.#controller.abort();
    }

    #render() {
        const profile = ownProfile.current;
        if (!profile) return;
        const key = JSON.stringify([profile.origin, profile.hasSecondFactor, profile.needsSecondFactor, profile.recoveryCodesLeft]);
        // What is the same stays, so that nobody loses the focus.
        if (this.#content.dataset["key"] === key) return;
        this.#content.dataset["key"] = key;
        const hadFocus = this.contains(document.activeElement);
        if (profile.origin === "oidc") mount(this.#content, notice("info", tr("factor.elsewhere")));
        else mount(this.#content, ...(profile.hasSecondFactor ? this.#on(profile) : this.#off(profile)));
        if (hadFocus) this.#content.querySelector("button")?.focus();
    }

    /** @param {ProfileView} profile */
    #off(profile) {
        return [
            state(false),
            profile.needsSecondFactor && notice("warning", tr("factor.needed")),
            h("p", null, this.#button("button button-primary", "shield", "factor.setUp", setUpSecondFactor)),
        ];
    }

    /** @param {ProfileView} profile */
    #on(profile) {
        const left = profile.recoveryCodesLeft;
        const text = () => t("factor.left", { count: left, all: limits.recoveryCodes });
        return [
            state(true),
            left < fewCodes ? notice("warning", text, " ", tr("factor.few")) : h("p", { class: "muted" }, text),
            h(
                "div",
                { class: "row" },
                this.#button("button", "refresh", "factor.newCodes", replaceRecoveryCodes),
                this.#button("button", "edit", "factor.replace", setUpSecondFactor),
                !profile.needsSecondFactor && this.#button("button", "trash", "factor.remove", removeSecondFactor),
            ),
            profile.needsSecondFactor && h("p", { class: "field-hint" }, tr("factor.mustStay")),
        ];
    }

    /**
     * @param {string} className
     * @param {import("../../lib/dom.js").IconName} mark
     * @param {string} key
     * @param {(context: import("./second-factor-dialogs.js").Context) => void} run
     */
    #button(className, mark, key, run) {
        const start = () => {
            const profile = ownProfile.current;
            if (profile) run({ profile, changed: async () => void (await ownProfile.load().catch(() => null)) });
        };
        return h("button", { class: className, type: "button", onclick: start }, icon(mark), tr(key));
    }
}

/** @param {boolean} isOn */
function state(isOn) {
    return h(
        "p",
        null,
        h("span", { class: ["badge", isOn && "badge-success"] }, isOn && icon("check"), tr(isOn ? "factor.on" : "factor.off")),
    );
}

customElements.define("parley-second-factor", SecondFactorSection);
