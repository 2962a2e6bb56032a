// @ts-check
// An offered second factor, ready to be taken over by an authenticator.
import { h, hidden, icon } from "../../lib/dom.js";
import { t, tr } from "../../lib/i18n.js";
import { copyText } from "../../lib/page.js";
import { toast } from "../../lib/toast.js";
import { qrCode } from "./qr-code.js";
import { groupsOfFour } from "./rules.js";

/** @param {import("../../lib/wire.js").SecondFactorOffer} offer */
export function authenticatorOffer(offer) {
    const secret = h("code", { class: "secret", tabindex: -1 }, ...groupsOfFour(offer.secret).flatMap((group) => [h("span", null, group), " "]));
    const copy = h("button", { class: "button button-quiet", type: "button", onclick: copySecret }, icon("copy"), tr("authenticator.copy"));

    async function copySecret() {
        if (await copyText(offer.secret)) return toast(tr("authenticator.copied"), { kind: "success" });
        // Marked, so that it can be copied by hand.
        getSelection()?.selectAllChildren(secret);
        return toast(tr("common.copyByHand"), { kind: "warning" });
    }

    return h(
        "div",
        { class: "authenticator" },
        offer.qrCode.length > 0 ? h("div", { class: "qr-frame" }, qrCode(offer.qrCode, t("authenticator.picture"))) : null,
        h(
            "div",
            { class: "authenticator-text" },
            h("p", { class: "small" }, tr(offer.qrCode.length > 0 ? "authenticator.scan" : "authenticator.type")),
            h("p", { class: "authenticator-link" }, h("a", { class: "button button-wide", href: offer.uri }, icon("link"), tr("authenticator.open"))),
            h("p", { class: "field-hint" }, tr("authenticator.secret")),
            h("p", null, hidden(tr("authenticator.secretLabel"), " "), secret),
            copy,
        ),
    );
}
