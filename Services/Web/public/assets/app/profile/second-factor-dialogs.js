// @ts-check
import { api, ApiError } from "../../lib/api.js";
import { openDialog } from "../../lib/dialog.js";
import { h } from "../../lib/dom.js";
import { tr } from "../../lib/i18n.js";
import { toast } from "../../lib/toast.js";
import { authenticatorOffer } from "../account/authenticator.js";
import { codeField } from "../account/code-field.js";
import { openDialogForm } from "../account/dialog-form.js";
import { askAgain } from "../account/reauthentication.js";
import { recoveryCodes } from "../account/recovery-codes.js";

/** @typedef {{ profile: import("../../lib/wire.js").ProfileView, changed: () => Promise<void> }} Context */

/**
 * The password, then the offer, then the codes for recovery.
 * @param {Context} context
 */
export function setUpSecondFactor({ profile, changed }) {
    askAgain({
        title: tr(profile.hasSecondFactor ? "factor.replace" : "factor.setUp"),
        text: tr(profile.hasSecondFactor ? "factor.replaceText" : "factor.askPassword"),
        submit: tr("common.continue"),
        needsCode: profile.hasSecondFactor,
        async send(shown) {
            const offer = await api.profile.offerSecondFactor(shown);
            afterClosing(() => takeUp(offer, { profile, changed }));
        },
    });
}

/**
 * @param {import("../../lib/wire.js").SecondFactorOffer} offer
 * @param {Context} context
 */
function takeUp(offer, { profile, changed }) {
    const code = codeField({ recovery: false });
    openDialogForm({
        title: tr("setUp.title"),
        submit: tr("factor.turnOn"),
        body: [authenticatorOffer(offer), code.element],
        check: () => code.check(),
        async send() {
            const made = await api.profile.setSecondFactor({ enrollment: offer.enrollment, code: code.value });
            toast(tr("factor.isOn"), { kind: "success" });
            void changed();
            afterClosing(() => showRecoveryCodes(made.recoveryCodes, profile.userName));
        },
        otherwise(error) {
            code.clear();
            code.input.focus();
            if (!(error instanceof ApiError) || error.code !== "second_factor_wrong") return false;
            code.setError(tr("error.second_factor_wrong"));
            return true;
        },
    });
}

/** @param {Context} context */
export function replaceRecoveryCodes({ profile, changed }) {
    askAgain({
        title: tr("factor.newCodes"),
        text: tr("factor.newCodesText"),
        submit: tr("factor.newCodes"),
        needsCode: false,
        async send(shown) {
            const made = await api.profile.makeRecoveryCodes(shown);
            void changed();
            afterClosing(() => showRecoveryCodes(made.recoveryCodes, profile.userName));
        },
    });
}

/** @param {Context} context */
export function removeSecondFactor({ changed }) {
    askAgain({
        title: tr("factor.remove"),
        text: tr("factor.removeText"),
        submit: tr("factor.turnOff"),
        needsCode: true,
        danger: true,
        async send(shown) {
            await api.profile.removeSecondFactor(shown);
            toast(tr("factor.isOff"), { kind: "success" });
            await changed();
        },
    });
}

/**
 * They are shown once: Escape must not take them away.
 * @param {string[]} codes
 * @param {string} userName
 */
function showRecoveryCodes(codes, userName) {
    const dialog = openDialog({
        title: tr("recovery.title"),
        dismissible: false,
        body: [recoveryCodes(codes, userName)],
        actions: [h("button", { class: "button button-primary", type: "button", onclick: () => dialog.close() }, tr("recovery.done"))],
    });
}

/**
 * The next dialog comes when the one before is gone, so that the focus finds its way back to where both began.
 * @param {() => void} open
 */
function afterClosing(open) {
    setTimeout(open);
}
